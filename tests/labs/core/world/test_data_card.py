"""What the data card says of the miniature internet, counted again on a sample."""

import re
from collections import Counter
from pathlib import Path

import pytest

from labs.core.recipe import SIZES, VILLAGE
from labs.core.world.documents import internet
from labs.core.world.instructions import RUDE_SHARE

CARD = (Path(__file__).parents[4] / "docs/guides/data_card.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([\w -]+) \| ([\d.]+) \| ([\d.]+) \| \S", re.MULTILINE)


def test_the_shares_of_pages_are_those_of_the_program() -> None:
    rows = {kind: (float(pages), float(characters)) for kind, pages, characters in ROW.findall(CARD)}
    pages, characters = Counter[str](), Counter[str]()
    for page in internet(VILLAGE, 6_000, 1):
        pages[page.kind] += 1
        characters[page.kind] += len(page.text)
    assert set(rows) == set(pages)
    for kind, (said_pages, said_characters) in rows.items():
        assert said_pages == pytest.approx(100 * pages[kind] / pages.total(), abs=1.2), kind
        assert said_characters == pytest.approx(100 * characters[kind] / characters.total(), abs=1.2), kind
    assert sum(share for share, _ in rows.values()) == pytest.approx(100, abs=0.7)


def test_the_sizes_are_those_of_the_recipe() -> None:
    base, sft, chat = SIZES["base"], SIZES["sft"], SIZES["chat"]
    assert f"{base.texts:,} pages" in CARD
    assert f"{base.schedule.steps:,} steps of {base.batch_size} sequences of {base.length}" in CARD
    assert f"{base.schedule.steps * base.batch_size * base.length / 1e6:.1f} million tokens" in CARD
    assert f"{sft.texts:,} dialogues" in CARD and sft.replay == 0.25
    assert f"{chat.texts:,} pairs for DPO and {SIZES['reward'].texts:,} others" in CARD
    assert f"{RUDE_SHARE:.0%}" in CARD
