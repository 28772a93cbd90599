"""Lab: how far a text around the question takes a base model, and where it stops helping."""
