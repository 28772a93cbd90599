"""The chat template: the one string that a model reads of a conversation, and what a wrong one does to replies."""
