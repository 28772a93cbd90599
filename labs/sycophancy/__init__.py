"""Sycophancy: raters who like agreement teach a model to say what the user believes, and a few examples cure it."""
