"""The preference nudge: a reader's choice between two replies, applied by DPO or RLHF, as a cartoon and for real."""
