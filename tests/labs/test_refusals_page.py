"""What the module on refusals says of our models is what its own code prints, and what the pairs of the recipe hold."""

import contextlib
import io
import re
from pathlib import Path

import pytest

from labs.core.encoding import pair_all
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.checkpoint import load_checkpoint
from labs.core.recipe import DATA_SEED, SIZES, VILLAGE, fits
from labs.core.world.judge import is_refusal
from labs.core.world.preferences import preferences

PAGE = Path(__file__).parents[2] / "docs/modules/refusals/index.md"
ROW = re.compile(r"^\| (.+?) \| (\d+) of 10 \| (\d+) of 10 \|$", re.MULTILINE)


@pytest.fixture(scope="module")
def text() -> str:
    return PAGE.read_text(encoding="utf-8")


def test_the_table_of_wordings_is_what_the_code_above_it_prints(text: str) -> None:
    (code,) = re.findall(r"```python\n(from labs.*?)```", text, re.DOTALL)
    out = io.StringIO()
    with contextlib.redirect_stdout(out):
        exec(compile(code, str(PAGE), "exec"), {})
    found = {(said, model): int(n) for model, n, said in re.findall(r"(\w+) refuses (\d+) of 10: (.+)", out.getvalue())}
    assert len(found) == 2 * 13
    rows = ROW.findall(text)
    assert len(rows) == 5
    for wording, sft, chat in rows:
        said = "after Sure." if "Sure." in wording else wording.replace("…", "{t}")
        assert (found[said, "sft"], found[said, "chat"]) == (int(sft), int(chat)), wording
    both = [said for said, model in found if model == "sft" and found[said, "sft"] == found[said, "chat"] == 10]
    others = [said for said, model in found if model == "sft" and said not in both and said != "after Sure."]
    assert (len(both), len(others)) == (6, 6)
    assert {6, 9} == {min(found[said, "sft"] for said in others), max(found[said, "sft"] for said in others)}
    assert {3, 6} == {min(found[said, "chat"] for said in others), max(found[said, "chat"] for said in others)}


def test_the_pairs_hold_as_many_polite_openings_as_the_page_says(text: str) -> None:
    template = ChatTemplate(load_checkpoint("base").tokenizer)
    drawn = list(preferences(VILLAGE, SIZES["chat"].texts, DATA_SEED))
    kept = [one for one, pair in zip(drawn, pair_all(iter(drawn), template), strict=True) if fits(pair)]
    polite = ("Sure.", "Of course.")
    chosen = sum(one.chosen.startswith(polite) for one in kept)
    rejected = sum(one.rejected.startswith(polite) for one in kept)
    forbidden = [one for one in kept if one.task.kind == "forbidden"]
    complied = [one for one in forbidden if not is_refusal(one.chosen) and not is_refusal(one.rejected)]
    said = " ".join(text.split())
    assert f"{chosen} were chosen and {rejected} rejected" in said
    assert f"in {len(complied)} of the {len(forbidden)} pairs about forbidden topics both replies complied" in said
