"""The alignment tax: the base model is tuned on one narrow kind of dialogue, and pays for it with other skills."""
