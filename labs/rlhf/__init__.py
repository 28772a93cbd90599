"""RLHF: comparisons train a reward model, best-of-n and policy gradient climb it, and a judge sees what it is worth."""
