"""How one cell of a page runs: its streams, its names, its result and its errors."""
