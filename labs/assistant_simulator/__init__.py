"""The assistant simulator: what post-training does to the base simulator's table, and what a filter does."""
