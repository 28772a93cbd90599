"""Results of tools, cut to the room that there is."""

from hypothesis import given
from hypothesis import strategies as st

from labs.core.live_chat.calling import cut_to, fitting, room_for_results
from labs.core.live_chat.framings import ROOM_AFTER_RESULT
from labs.core.model.checkpoint import load_checkpoint

TOKENIZER = load_checkpoint("chat").tokenizer
TEXTS = st.lists(st.text(st.characters(codec="utf-8"), max_size=60), min_size=1, max_size=4)


def tokens(text: str) -> int:
    return len(TOKENIZER.encode(text))


@given(TEXTS, st.integers(-5, 80))
def test_results_fit_and_each_is_a_beginning(texts: list[str], room: int) -> None:
    fitted = fitting(texts, room, TOKENIZER)
    assert sum(map(tokens, fitted)) <= max(0, room)
    for text, kept in zip(texts, fitted, strict=True):
        assert kept == text or kept == "" or text.startswith(kept.removesuffix("…"))


@given(TEXTS)
def test_what_fits_is_not_cut(texts: list[str]) -> None:
    assert fitting(texts, sum(map(tokens, texts)), TOKENIZER) == texts


def test_a_short_result_leaves_its_share_to_a_long_one() -> None:
    long, short = "the village has a well and a mill and a bakery " * 4, "82"
    fitted = fitting([long, short], 42, TOKENIZER)
    assert fitted[1] == short and 36 <= tokens(fitted[0]) <= 40 and fitted[0].endswith("…")
    assert fitting([short, long], 42, TOKENIZER) == fitted[::-1]


def test_words_stay_whole_and_where_nothing_fits_nothing_is_said() -> None:
    sentence = "A language model after pretraining only."
    cut = cut_to(sentence, 14, TOKENIZER)
    assert cut.endswith("…") and sentence.startswith(f"{cut[:-1]} ")
    assert (cut_to(sentence, 1, TOKENIZER), cut_to(sentence, 99, TOKENIZER)) == ("", sentence)


def test_a_reply_can_repeat_a_short_result_and_a_long_one_leaves_room_for_a_short_reply() -> None:
    for spare in range(16, 150):
        room = room_for_results(spare)
        assert spare - room >= min(12, spare - spare // 2) and room >= spare // 2
    for spare in range(-5, 16):
        assert spare - room_for_results(spare) >= ROOM_AFTER_RESULT
