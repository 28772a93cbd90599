"""Verifiable reward: GRPO on two-step sums that a program checks, with think blocks and with the calculator."""
