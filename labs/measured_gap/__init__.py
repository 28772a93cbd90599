"""The lab on what post-training is worth in parameters, measured on models of several sizes."""
