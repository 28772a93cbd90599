"""A base model in small, which several labs read: a table of continuations and the rules of decoding."""
