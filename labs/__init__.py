"""The labs of the course and the small language model that they run: pure Python and NumPy."""
