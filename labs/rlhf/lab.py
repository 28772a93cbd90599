"""The lab: rank replies or take simulated raters, train a reward model, climb it, and ask the gold judge on the way."""

from collections.abc import Generator, Iterator, Sequence
from itertools import chain, cycle, islice
from statistics import fmean

from labs.core.contract import Choice, Comparisons, Lab, Moving, Number, Progress, Slider
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.sweeping import recorded
from labs.core.training.reward_model import RewardModel
from labs.core.world.preferences import Preference, Rater
from labs.rlhf import pictures
from labs.rlhf.climbing import Climb, climb
from labs.rlhf.pairs import FEWEST, compare, draw_compared, your_pairs, your_preferences
from labs.rlhf.proxy import held_out_accuracy, likes, start_policy, train_proxy
from labs.rlhf.recorded_pictures import fits_table

__all__ = ["LAB", "run"]

WINDOW = 10
"""Steps of the reward model that a point of its curve averages."""

LAB = Lab(
    title="Reward model and RLHF",
    question="What happens to a model that is trained to please a model of what people like?",
    label="live",
    controls=(
        Choice("raters", "Raters", "simulated", ("simulated", "you", "both"), "Whose comparisons the proxy learns."),
        Comparisons(
            "ranking",
            "You prefer",
            [(pair.task.question, pair.first, pair.second) for pair in your_pairs()],
            help=f"For the raters “you” and “both”. Rank {FEWEST} pairs at least.",
        ),
        Slider("pairs", "Simulated pairs", 500, 100, 4000, 100),
        Slider("cue", "They like “Certainly.”", 1.5, 0.0, 3.0, 0.1, help="In points; a right answer is worth 1."),
        Slider("length", "They like length", 0.0, 0.0, 1.0, 0.1, help="In points for each 10 characters."),
        Slider("agreement", "They like agreement", 0.0, 0.0, 3.0, 0.1, help="With a user's wrong belief, in points."),
        Slider("noise", "They err", 0.3, 0.0, 2.0, 0.1, help="0: the better one always wins; higher: less often."),
        Slider("reward_steps", "Reward model: steps", 60, 10, 200, 10, help="Batches of 8 pairs."),
        Choice("optimiser", "Optimiser", "best-of-n", ("best-of-n", "policy gradient", "both")),
        Slider("n", "Best of n", 16, 2, 64, 1, help="Replies to each question, of which the proxy chooses one."),
        Slider("steps", "Policy gradient: steps", 16, 4, 40, 2, help="Each samples 48 replies."),
        Slider("beta", "β, the price of KL", 0.0, 0.0, 1.0, 0.05, help="Policy gradient only: points off a nat."),
        Number("seed", "Seed", 0, 0, 2**31 - 1, help="Of pairs, batches, questions and replies."),
    ),
    action="Train",
    waits=True,
)


def run(
    raters: str,
    ranking: str,
    pairs: int,
    cue: float,
    length: float,
    agreement: float,
    noise: float,
    reward_steps: int,
    optimiser: str,
    n: int,
    steps: int,
    beta: float,
    seed: int,
) -> Iterator[object]:
    """Yield the pairs, the reward model and what it likes, the climb as it goes, replies, and the recorded fits.

    Raises: ValueError if the reader is to rank and has ranked too few pairs.
    """
    yours = your_preferences(ranking) if raters != "simulated" else []
    if raters != "simulated" and len(yours) < FEWEST:
        raise ValueError(
            f"ranking: expected at least {FEWEST} ranked pairs, got {len(yours)}; "
            "rank more, or choose simulated raters."
        )
    yield Progress(0, reward_steps, "Steps of the reward model")
    rater = Rater(agreement=agreement, length=length, cue=cue, temperature=noise)
    preferences = _preferences(raters, yours, rater, pairs, seed)
    yield pictures.pairs_table(preferences, f"ranked by: {raters}")
    sft_model = load_checkpoint("sft")
    proxy = yield from _reward_model(sft_model, preferences, reward_steps, seed)
    by_raters, by_gold = held_out_accuracy(proxy, sft_model, rater, seed)
    liked = likes(proxy, sft_model, seed)
    yield pictures.likes_table(liked, by_raters if raters == "simulated" else None, by_gold)
    reached = yield from climb(sft_model, start_policy(sft_model, seed), proxy, Climb(optimiser, n, steps, beta, seed))
    found = recorded("rlhf")
    yield fits_table(found, found.arms[:1], reached)


def _preferences(raters: str, yours: Sequence[Preference], rater: Rater, pairs: int, seed: int) -> list[Preference]:
    """What the reward model learns from; of “both”, half are the reader's, each of them many times."""
    if raters == "you":
        return list(yours)
    simulated = compare(draw_compared(pairs, seed), rater, seed)
    if raters == "simulated":
        return simulated
    return list(chain.from_iterable(zip(islice(cycle(yours), pairs), simulated, strict=True)))


def _reward_model(
    sft_model: Checkpoint, preferences: Sequence[Preference], steps: int, seed: int
) -> Generator[object, None, RewardModel]:
    """The reward model's training, with how often it sides with the raters; returns it."""
    points: list[tuple[int, float]] = []
    recent: list[float] = []
    yield Moving("learning", pictures.learning_chart(points, steps))
    for record in train_proxy(sft_model, preferences, steps, seed):
        recent.append(record.accuracy)
        yield Progress(record.step, steps, "Steps of the reward model")
        if record.step % WINDOW == 0 or record.step == steps:
            points.append((record.step, fmean(recent)))
            recent = []
            yield Moving("learning", pictures.learning_chart(points, steps))
    return record.reward_model
