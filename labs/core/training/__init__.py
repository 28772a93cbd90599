"""The stages of a model's making, from pretraining to preferences: one file a stage, and one loop for all."""
