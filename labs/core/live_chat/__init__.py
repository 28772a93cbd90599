"""A live chat with one or two models: from a request to events, a token at a time."""
