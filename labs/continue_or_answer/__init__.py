"""Lab: one prompt, a base model and a tuned one, and what each makes of it."""
