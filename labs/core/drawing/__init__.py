"""Pictures that several labs draw: charts told apart without colour, each with its words and its numbers."""
