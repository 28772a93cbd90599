"""Looks at a model while it trains: dense at first, at the end always, and what it writes in a line."""

import pytest

from labs.core.looking import look_steps, replies_in_words
from labs.core.model.checkpoint import load_checkpoint


@pytest.mark.parametrize(("steps", "looks"), [(1, 8), (10, 10), (60, 8), (300, 5)])
def test_looks_are_within_the_training_closer_at_first_and_the_last_is_its_end(steps: int, looks: int) -> None:
    at = sorted(look_steps(steps, looks))
    assert at[0] >= 1 and at[-1] == steps and len(at) <= looks
    assert look_steps(100, 4) == {12, 35, 65, 100}


def test_a_reply_is_one_line_with_or_without_its_markers_and_says_where_it_was_cut() -> None:
    chat, base = load_checkpoint("chat"), load_checkpoint("base")
    question = ["Where does Mira live?"]
    (written,) = replies_in_words(chat.model, chat.template, question, 24)
    (seen,) = replies_in_words(chat.model, chat.template, question, 24, markers=False)
    assert written.startswith(seen) and written.endswith("<|im_end|>") and "<|" not in seen
    (cut,) = replies_in_words(chat.model, chat.template, question, 2)
    assert cut.endswith("…") and seen.startswith(cut.removesuffix("…"))
    (rambling,) = replies_in_words(base.model, base.template, question, 40)
    assert "\n" not in rambling and rambling.endswith("…")
