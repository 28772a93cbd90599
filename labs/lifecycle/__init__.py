"""The lifecycle: what goes into each stage of training, what comes out, and what it takes."""
