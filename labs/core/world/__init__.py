"""The miniature internet: one invented village, and everything that is written, asked and answered about it."""
