"""The cartoon's displays; each says that it is one."""

from collections.abc import Iterator, Sequence

from labs.core.contract import Table
from labs.core.contract.tokens import percent
from labs.preference_nudge.cartoon import DISMISSIVE, PROMPT, WARM, CartoonStep, cartoon
from labs.preference_nudge.diagram import Box, Diagram
from labs.preference_nudge.showing import chances_chart, pair_columns

NOTE = "Cartoon, illustrative: "


def run_cartoon(method: str, preferred: str, updates: int, beta: float) -> Iterator[object]:
    """Yield the pair, the chances, how the update was computed, and every number."""
    yield pair_columns(PROMPT, (WARM, DISMISSIVE), preferred, NOTE)
    steps = list(cartoon(method, preferred, updates, beta))
    yield chances_chart([step.p_a for step in steps], preferred, NOTE)
    yield _diagram(method, preferred, steps)
    yield _table(method, steps)


def _diagram(method: str, preferred: str, steps: Sequence[CartoonStep]) -> Diagram:
    other = "B" if preferred == "A" else "A"
    last, before = steps[-1], steps[max(0, len(steps) - 2)]
    pair = Box("A pair", [f"you prefer {preferred} to {other}"])
    moved = Box("The cartoon's one number", _moved(before, last))
    if method == "DPO":
        loss = Box(
            "Direct loss", ["−ln σ(margin), straight from the pair", f"loss {last.loss:.3f}, weight {last.weight:.2f}"]
        )
        return Diagram(f"{NOTE}DPO", [pair, loss, moved])
    reward = Box(
        "Reward model", ["learns from the pair", f"r({preferred}) − r({other}) = {last.reward_margin or 0:.2f}"]
    )
    step = Box("RL step", ["more of what is rewarded", f"less β · drift: {last.weight:.2f} left to be had"])
    return Diagram(f"{NOTE}RLHF", [pair, reward, step, moved])


def _moved(before: CartoonStep, last: CartoonStep) -> list[str]:
    if last.update == 0:
        return [f"P(A) {percent(last.p_a)}: press the button"]
    return [f"update {last.update}: P(A) {percent(before.p_a)} → {percent(last.p_a)}"]


def _table(method: str, steps: Sequence[CartoonStep]) -> Table:
    if method == "DPO":
        columns = ["Update", "P(A)", "P(B)", "Log-odds", "Margin", "Loss", "Weight σ(−margin)"]
        rows = [
            [*_chances(step), f"{step.log_odds:.2f}", f"{step.margin:.2f}", f"{step.loss:.3f}", f"{step.weight:.2f}"]
            for step in steps
        ]
    else:
        columns = ["Update", "P(A)", "P(B)", "Log-odds", "Reward margin", "β · log-odds", "Left to be had"]
        rows = [
            [
                *_chances(step),
                f"{step.log_odds:.2f}",
                f"{step.reward_margin:.2f}",
                f"{step.margin:.2f}",
                f"{step.weight:.2f}",
            ]
            for step in steps
        ]
    return Table(columns, rows, f"{NOTE}no model computed these numbers. Log-odds and margins favour your reply.")


def _chances(step: CartoonStep) -> list[object]:
    return [step.update, percent(step.p_a), percent(1 - step.p_a)]
