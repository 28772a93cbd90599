"""Refusals: what is refused, what is refused by mistake, and how the choice of dialogues moves both."""
