"""The exercise: from parameters and tokens to GPU-hours, days and dollars."""

from labs.core.contract.checking import agree, call, expect_number, number, probe
from labs.core.contract.exercise import Check, CheckFailed, Exercise, Names, WrongAnswer
from labs.core.published import DEEPSEEK_HOURS, DEEPSEEK_V3

HOURS, DAYS, DOLLARS = "gpu_hours", "wall_days", "dollars"
LARGE = (7e9, 2e12, 1e15, 0.4)
HOURS_STEP = (
    "6 · parameters · tokens operations, divided by what a GPU really does in an hour: peak · utilisation · 3600."
)
DAYS_STEP = "The GPUs work side by side: divide by their number, and by 24."
DOLLARS_STEP = "Every hour of every GPU is paid for: GPU-hours times the price of one."
AS_PAID = (DEEPSEEK_HOURS, 2.0)


def _simple_hours(names: Names) -> None:
    expect_number(names, HOURS, (1000, 6000, 10_000, 0.5), 2.0, HOURS_STEP)


def _uses_peak(names: Names) -> None:
    expect_number(names, HOURS, (1000, 6000, 10_000, 1.0), 1.0, "A GPU at its peak has a utilisation of 1.")
    expect_number(names, HOURS, (1000, 6000, 10_000, 0.25), 4.0, "A GPU that reaches less needs longer.")


def _large_hours(names: Names) -> None:
    parameters, tokens, peak, utilisation = LARGE
    expect_number(names, HOURS, LARGE, 6 * parameters * tokens / (peak * utilisation * 3600), HOURS_STEP)


def _days(names: Names) -> None:
    expect_number(names, DAYS, (4800, 100), 2.0, DAYS_STEP)
    expect_number(names, DAYS, (4800, 200), 1.0, DAYS_STEP)


def _dollars(names: Names) -> None:
    expect_number(names, DOLLARS, (1000, 2.5), 2500, DOLLARS_STEP)


def _meets_deepseek(names: Names) -> None:
    stated = DEEPSEEK_V3.dollars
    assert stated, "the report states them"
    got = number(call(names, DOLLARS, *AS_PAID), f"what `{DOLLARS}` returns")
    if not 0.99 * stated < got < 1.01 * stated:
        raise CheckFailed(
            f"about {stated:,.0f} for DeepSeek-V3's {DEEPSEEK_HOURS:,} hours", f"{got:,.0f}", DOLLARS_STEP
        )


def _more_gpus(names: Names) -> None:
    hours = number(call(names, HOURS, *LARGE), f"what `{HOURS}` returns")
    got = [24 * n * number(call(names, DAYS, hours, n), f"what `{DAYS}` returns") for n in (256, 512)]
    agree(got, [hours, hours], "256 and 512 GPUs to be paid for the same hours", DAYS_STEP)


TIME = """\
def gpu_hours(parameters, tokens, peak_flops, utilisation):
    flops = 6 * parameters * tokens
    return flops / (peak_flops * utilisation) / 3600
"""
WALL = """

def wall_days(hours, gpus):
    return hours / gpus / 24
"""
PRICE = """

def dollars(hours, price_per_hour):
    return hours * price_per_hour
"""
SPEED = "/ (peak_flops * utilisation) / 3600"
ONE = probe(HOURS, 1000, 6000, 10_000, 0.5)

EXERCISE = Exercise(
    title="FLOPs, hours and dollars",
    task="""\
Turn a planned pretraining into a bill. All numbers are given in full.

`gpu_hours(parameters, tokens, peak_flops, utilisation)`: how many hours one GPU would take. Training takes
6 · parameters · tokens operations. A GPU does `peak_flops` operations a *second* at best, and reaches a share of that,
`utilisation`: 0.4 is 40 %.

`wall_days(hours, gpus)`: how many days so many GPU-hours take, if so many GPUs share the work evenly.

`dollars(hours, price_per_hour)`: what the GPU-hours cost, at the price of one GPU for one hour.
""",
    starter="""\
def gpu_hours(parameters, tokens, peak_flops, utilisation):
    flops = ...
    return ...


def wall_days(hours, gpus):
    return ...


def dollars(hours, price_per_hour):
    return ...


# print(dollars(gpu_hours(7e9, 2e12, 989e12, 0.4), 2.0))
""",
    solution=TIME + WALL + PRICE,
    checks=(
        Check("Operations, over what a GPU does in an hour", _simple_hours),
        Check("A lower utilisation takes longer", _uses_peak),
        Check("7 billion parameters, 2 trillion tokens", _large_hours),
        Check("GPUs side by side save days", _days),
        Check("GPU-hours cost dollars", _dollars),
        Check("DeepSeek-V3's hours, at $2 each, cost what its report says", _meets_deepseek),
        Check("More GPUs are faster and not cheaper", _more_gpus),
    ),
    wrong_answers=(
        WrongAnswer(
            "peak taken for granted",
            TIME.replace("(peak_flops * utilisation)", "peak_flops") + WALL + PRICE,
            ONE,
            "This is a GPU at its peak, where none stays. Waiting for memory and for other GPUs costs a good part: "
            "multiply the peak by the utilisation.",
        ),
        WrongAnswer(
            "utilisation on the wrong side",
            TIME.replace(SPEED, "* utilisation / peak_flops / 3600") + WALL + PRICE,
            ONE,
            "Here a GPU that works worse is done sooner. Utilisation makes the GPU slower, so it belongs to the peak, "
            "below the fraction line.",
        ),
        WrongAnswer(
            "seconds",
            TIME.replace(" / 3600", "") + WALL + PRICE,
            ONE,
            "These are GPU-seconds: the peak is given for a second. An hour has 3600.",
        ),
        WrongAnswer(
            "forward only",
            TIME.replace("6 *", "2 *") + WALL + PRICE,
            ONE,
            "2 for each parameter and token is what running a model takes. Training takes 6: the backward pass is "
            "about twice the forward one.",
        ),
        WrongAnswer(
            "GPUs multiplied",
            TIME + WALL.replace("hours / gpus", "hours * gpus") + PRICE,
            probe(DAYS, 4800, 100),
            "With twice the GPUs this takes twice the days. GPU-hours are already the sum over all of them: divide.",
        ),
        WrongAnswer(
            "price of a day",
            TIME + WALL + PRICE.replace("price_per_hour\n", "price_per_hour / 24\n"),
            probe(DOLLARS, 1000, 2.5),
            "The price is that of an hour, and so is the count. Multiply the two and leave out the 24.",
        ),
    ),
    hints=(
        "Count the operations first: `6 * parameters * tokens`.",
        "In a second the GPU does `peak_flops * utilisation` operations. Operations over that are seconds.",
        "GPU-hours count each GPU by itself. 100 GPUs do 100 GPU-hours in one hour, and each of these has its price.",
    ),
)
