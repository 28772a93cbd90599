"""DPO: train on pairs of replies, and see where the probability goes that the rejected ones lose."""
