"""A language model in NumPy: layers with their gradients, a Transformer of them, and what it takes to talk to one."""
