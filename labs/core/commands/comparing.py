"""`python -m labs compare`: a published base model and the model tuned from it, side by side."""

import argparse
from collections.abc import Sequence

from labs.core.weights import command


def main(arguments: Sequence[str]) -> int:
    """Compare the two models that the arguments name.

    Raises: ValueError if one can't be loaded, or the two are no pair.
    """
    parser = argparse.ArgumentParser(
        prog="python -m labs compare",
        description="Compare a published base model with the model tuned from it.",
        allow_abbrev=False,
    )
    command.add_compare_arguments(parser)
    command.add_writing_arguments(parser)
    return command.compare(parser.parse_args(arguments))
