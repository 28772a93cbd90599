"""From texts to token ids: streams of pages, dialogues with their masks, pairs of replies."""

from itertools import pairwise

import numpy as np
import pytest

from labs.core.encoding import pack, pair_all, render_all
from labs.core.world.documents import Document, internet
from labs.core.world.instructions import instructions
from labs.core.world.preferences import preferences
from tests.labs.core.world.tiny import TEMPLATE, TOKENIZER, VILLAGE

END_OF_TEXT = TOKENIZER.special_id("<|endoftext|>")
END_OF_TURN = TOKENIZER.special_id("<|im_end|>")
PREFERENCES = list(preferences(VILLAGE, 150, seed=0))
PAIRS = pair_all(PREFERENCES, TEMPLATE)


def test_pages_become_one_stream_with_a_marker_around_each() -> None:
    pages = list(internet(VILLAGE, 30, seed=0))
    stream = pack(pages, TOKENIZER)
    assert stream.dtype == np.int32
    assert stream.ndim == 1
    borders = np.flatnonzero(stream == END_OF_TEXT)
    assert (borders[0], borders[-1]) == (0, len(stream) - 1)
    read = [TOKENIZER.decode(stream[a + 1 : b].tolist()) for a, b in pairwise(borders)]
    assert read == [page.text for page in pages]


def test_a_marker_typed_on_a_page_is_no_marker() -> None:
    stream = pack([Document("page", "<|endoftext|>")], TOKENIZER)
    assert (stream == END_OF_TEXT).sum() == 2
    assert pack([], TOKENIZER).tolist() == [END_OF_TEXT]


def test_dialogues_are_rendered_with_their_tools_and_masks() -> None:
    dialogues = list(instructions(VILLAGE, 60, seed=0))
    for dialogue, rendered in zip(dialogues, render_all(dialogues, TEMPLATE), strict=True):
        assert tuple(TEMPLATE.parse(rendered.ids)) == dialogue.messages
        text = rendered.text(TOKENIZER)
        assert ("<tools>\ncalculator(expression)" in text) == bool(dialogue.tools)
        scored = [token for token, mask in zip(rendered.ids, rendered.loss_mask, strict=True) if mask]
        replies = [message for message in dialogue.messages if message.role == "assistant"]
        assert scored.count(END_OF_TURN) == len(replies)
        spoken = TOKENIZER.decode(scored)
        for message in dialogue.messages:
            if message.role == "assistant":
                assert message.content in spoken


def test_a_pair_is_a_prompt_and_two_replies_that_end_their_turn() -> None:
    assert len(PAIRS) == len(PREFERENCES)
    for preference, pair in zip(PREFERENCES, PAIRS, strict=True):
        expected = TEMPLATE.render(preference.messages, preference.tools, preference.think, generate=True).ids
        assert list(pair.prompt) == expected
        assert list(pair.chosen) != list(pair.rejected)
        for ids, reply in zip((pair.chosen, pair.rejected), preference.replies, strict=True):
            assert ids[-1] == END_OF_TURN
            assert list(ids).count(END_OF_TURN) == 1
            assert TEMPLATE.parse_reply(ids, preference.think) == reply


@pytest.mark.parametrize("think", ["absent", "closed", "open"])
def test_a_pair_reads_as_the_whole_conversation_does(think: str) -> None:
    cases = [case for case in zip(PREFERENCES, PAIRS, strict=True) if case[0].think == think]
    assert cases
    for preference, pair in cases:
        whole = TEMPLATE.render([*preference.messages, preference.replies[0]], preference.tools)
        together = [*pair.prompt, *pair.chosen]
        assert together == whole.ids[: len(together)]
        assert TOKENIZER.decode(whole.ids[len(together) :]) == "\n"
        last_turn = whole.loss_mask[len(pair.prompt) : len(together)]
        assert set(last_turn) == {1}, "what is compared is what SFT scores"
