"""The base simulator: what continuing text means, on a table small enough to read."""
