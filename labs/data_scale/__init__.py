"""The scale of the data: how much text each stage of training reads, published and our own, in units that differ."""
