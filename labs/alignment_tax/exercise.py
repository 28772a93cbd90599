"""The exercise: LoRA's parameters counted, and its correction merged into the weights."""

from copy import deepcopy

from labs.core.contract.checking import agree, call, expect_number, numbers, outcome, probe
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer

COUNT, MERGE = "lora_params", "merge"
type Matrix = list[list[float]]

BLOCK = [(96, 96), (48, 96), (48, 96), (96, 96), (256, 96), (256, 96), (96, 256)]
"""The matrices of one block of the course's model, as (out, in)."""
SQUARE: tuple[Matrix, Matrix, Matrix] = ([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [2.0, 1.0]], [[1.0, 3.0], [0.0, 1.0]])
"""W, B and A of rank 2, where B A and A B differ."""
ONE: tuple[Matrix, Matrix, Matrix] = ([[1.0, 0.0, 2.0], [0.0, 1.0, 0.0]], [[1.0], [2.0]], [[1.0, -1.0, 3.0]])
"""Rank 1, two rows and three columns."""
COUNT_STEP = (
    "B has out × rank numbers and A has rank × in: a matrix trains rank · (out + in). Add up over the matrices."
)
PRODUCT_STEP = "Entry (i, j) of B A is the sum over k of B[i][k] · A[k][j], with k up to the rank."
SCALE_STEP = "Multiply B A by alpha / rank before you add it; the rank is the number of rows of A."


def merged(W: Matrix, B: Matrix, A: Matrix, alpha: float) -> Matrix:
    """The right result."""
    scale = alpha / len(A)
    return [
        [w + scale * sum(B[i][k] * A[k][j] for k in range(len(A))) for j, w in enumerate(row)]
        for i, row in enumerate(W)
    ]


def _compare(names: Names, W: Matrix, B: Matrix, A: Matrix, alpha: float, step: str) -> None:
    given = call(names, MERGE, deepcopy(W), deepcopy(B), deepcopy(A), alpha)
    what = f"`{MERGE}(W, B, A, {alpha:g})` for W of {len(W)} rows and {len(W[0])} columns, rank {len(A)},"
    tolist = getattr(given, "tolist", None)
    rows: object = tolist() if callable(tolist) else given
    if not isinstance(rows, list | tuple) or len(rows) != len(W):
        raise CheckFailed(f"{what} to be {len(W)} rows", str(given)[:80], "Return a matrix of the shape of W.")
    got = [part for row in rows for part in numbers(row, len(W[0]), f"a row of {what}")]
    wanted = [part for row in merged(W, B, A, alpha) for part in row]
    agree(got, wanted, f"{what} to hold {wanted}, row by row", step)


def _counts_one(names: Names) -> None:
    expect_number(names, COUNT, ([(48, 96)], 4), 4 * (48 + 96), COUNT_STEP)


def _counts_all(names: Names) -> None:
    expect_number(names, COUNT, (BLOCK, 1), sum(map(sum, BLOCK)), COUNT_STEP)
    expect_number(names, COUNT, (BLOCK, 16), 16 * sum(map(sum, BLOCK)), COUNT_STEP)


def _starts_unchanged(names: Names) -> None:
    W, B, A = ONE
    _compare(names, W, [[0.0] for _ in B], A, 1, "With B = 0 the correction is 0, and W is left: add it to W.")


def _adds_the_product(names: Names) -> None:
    _compare(names, *ONE, 1, PRODUCT_STEP)
    _compare(names, *SQUARE, 2, PRODUCT_STEP)


def _scales(names: Names) -> None:
    _compare(names, *SQUARE, 8, SCALE_STEP)
    _compare(names, *ONE, 0.5, SCALE_STEP)


def _leaves_the_weights(names: Names) -> None:
    W, B, A = deepcopy(SQUARE)
    call(names, MERGE, W, B, A, 4)
    if SQUARE[0] != W:
        step = "Make a new matrix. W is fixed: with another B and A it has to serve again."
        raise CheckFailed(f"W to be {SQUARE[0]} after the call", str(W), step)


def _weights_after(names: Names) -> object:
    W, B, A = deepcopy(SQUARE)
    return [outcome(names, MERGE, W, B, A, 4), W]


COUNTING = """\
def lora_params(shapes, rank):
    return sum(rank * (n_out + n_in) for n_out, n_in in shapes)


"""
MERGING = """\
def merge(W, B, A, alpha):
    rank = len(A)
    scale = alpha / rank
    return [
        [w + scale * sum(B[i][k] * A[k][j] for k in range(rank)) for j, w in enumerate(row)]
        for i, row in enumerate(W)
    ]
"""
IN_PLACE = """\
def merge(W, B, A, alpha):
    rank = len(A)
    for i, row in enumerate(W):
        for j in range(len(row)):
            row[j] += alpha / rank * sum(B[i][k] * A[k][j] for k in range(rank))
    return W
"""
COUNTED = probe(COUNT, [(48, 96)], 4)
SCALED = probe(MERGE, *SQUARE, 8)


def _counting(term: str) -> str:
    return COUNTING.replace("rank * (n_out + n_in)", term) + MERGING


EXERCISE = Exercise(
    title="A low-rank correction",
    task="""\
LoRA leaves a weight matrix W fixed and learns two thin ones. W has `out` rows and `in` columns,
B is `out` × r, A is r × `in`, and r is the rank. What the model computes with is

`W + (alpha / r) · B A`

Write two functions.

`lora_params(shapes, rank)` gets the shapes of the matrices, a list of pairs `(out, in)`. It returns how many numbers
LoRA trains: those of all B and A.

`merge(W, B, A, alpha)` gets three matrices, each a list of rows, and returns the merged one as a list of rows. W itself
stays as it is.
""",
    starter="""\
def lora_params(shapes, rank):
    return ...


def merge(W, B, A, alpha):
    return ...  # a new list of rows


# print(lora_params([(96, 96)], 4), merge([[1.0, 0.0]], [[2.0]], [[1.0, 3.0]], 1))
""",
    solution=COUNTING + MERGING,
    checks=(
        Check("What is trained for one matrix", _counts_one),
        Check("What is trained for a block of the course's model", _counts_all),
        Check("With B = 0 nothing changes", _starts_unchanged),
        Check("The product of B and A is added", _adds_the_product),
        Check("The correction is scaled by alpha / r", _scales),
        Check("The fixed weights stay as they are", _leaves_the_weights),
    ),
    wrong_answers=(
        WrongAnswer(
            "the whole matrix counted",
            _counting("n_out * n_in"),
            COUNTED,
            "This counts the numbers of W itself, which are fixed. LoRA trains only those of B and A.",
        ),
        WrongAnswer(
            "rank times the whole matrix",
            _counting("rank * n_out * n_in"),
            COUNTED,
            "That would be more than W has. B has out · r numbers and A has r · in: add them up, don't multiply.",
        ),
        WrongAnswer(
            "one of the two matrices counted",
            _counting("rank * n_in"),
            COUNTED,
            "This counts A and leaves out B, which has out · r numbers. Both are trained.",
        ),
        WrongAnswer(
            "the correction without the weights",
            COUNTING + MERGING.replace("w + scale", "scale"),
            SCALED,
            "This returns the correction alone. What pretraining taught is in W: add the correction to it.",
        ),
        WrongAnswer(
            "no scale",
            COUNTING + MERGING.replace("scale = alpha / rank", "scale = 1"),
            SCALED,
            "The factor alpha / r is missing. With alpha = r it is 1, and only then does this agree.",
        ),
        WrongAnswer(
            "alpha not divided by the rank",
            COUNTING + MERGING.replace("alpha / rank", "alpha"),
            SCALED,
            "You scale by alpha, and not by alpha / r. B A is a sum over r terms: dividing by r keeps its size from "
            "growing with the rank.",
        ),
        WrongAnswer(
            "alpha / r upside down",
            COUNTING + MERGING.replace("alpha / rank", "rank / alpha"),
            SCALED,
            "The factor is upside down. A larger alpha means a larger correction: alpha stands above the line.",
        ),
        WrongAnswer(
            "A B in place of B A",
            COUNTING + MERGING.replace("B[i][k] * A[k][j]", "A[i][k] * B[k][j]"),
            SCALED,
            "This is A B. The order matters: the input meets A first, which makes r numbers of it, and B makes `out` "
            "numbers of those. So B stands on the left.",
        ),
        WrongAnswer(
            "the fixed weights changed",
            COUNTING + IN_PLACE,
            _weights_after,
            "The result is right, and W is changed as well: a second call would add it twice. Make new rows.",
        ),
    ),
    hints=(
        "Count one pair first: B of 48 × 4 and A of 4 × 96 hold 4 · (48 + 96) numbers.",
        "The rank needn't be given: it is `len(A)`, the number of rows of A.",
        "`sum(B[i][k] * A[k][j] for k in range(rank))` is entry (i, j) of B A. Scale it and add it to W[i][j].",
    ),
)
