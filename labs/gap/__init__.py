"""The gap: scores before and after post-training, an estimate that goes wrong, and what training costs."""
