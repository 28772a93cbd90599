"""Knowledge or format: which part of a tuned model's answers comes from SFT, and which from pretraining."""
