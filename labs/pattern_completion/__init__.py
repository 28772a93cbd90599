"""Pattern completion: examples in a text, and a real base model that goes on with them."""
