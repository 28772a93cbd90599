"""`chat --weights` and `compare`, from arguments to what is printed."""

import io
from argparse import ArgumentParser, Namespace
from collections.abc import Callable

import pytest

from labs.core.weights.command import add_chat_arguments, add_compare_arguments, add_writing_arguments, chat, compare
from tests.labs.core.weights.conftest import FIXTURES, Copy

BASE, TUNED = str(FIXTURES / "base"), str(FIXTURES / "tuned")
SYSTEM = "<|im_start|>system\nYou are a small random model.<|im_end|>\n"


def parse(add: Callable[[ArgumentParser], None], *arguments: str) -> Namespace:
    parser = ArgumentParser()
    add(parser)
    add_writing_arguments(parser)
    return parser.parse_args([*arguments, "--max-new-tokens", "4"])


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_chat_remembers_the_conversation(capsys: pytest.CaptureFixture[str], typed: Callable[[str], None]) -> None:
    typed("Hi\nYou?\n\nnot read\n")
    assert chat(parse(add_chat_arguments, "--weights", TUNED, "--raw")) == 0
    out = capsys.readouterr().out
    assert f"{TUNED}: 8,400 parameters, 2 layers of 16, context 128, a chat template; loaded in" in out
    first, second = out.split("\n> ")[1:3]
    assert first.startswith(f"Hi\n{SYSTEM}<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\n")
    reply = first.split("assistant\n")[1].split("\n[prompt of")[0]
    assert f"assistant\n{reply}<|im_end|>\n<|im_start|>user\nYou?<|im_end|>" in second
    assert "4 tokens" in second
    assert "tokens/s" in second
    assert "not read" not in out


def test_chat_shows_no_markup_unless_asked(capsys: pytest.CaptureFixture[str], typed: Callable[[str], None]) -> None:
    typed("Hi\n")
    chat(parse(add_chat_arguments, "--weights", TUNED, "--system", "Be kind."))
    out = capsys.readouterr().out
    assert "System message: Be kind." in out
    assert "<|im_start|>" not in out


@pytest.mark.parametrize(("name", "options"), [(BASE, []), (TUNED, ["--plain"])])
def test_plain_text_is_continued(
    capsys: pytest.CaptureFixture[str], typed: Callable[[str], None], name: str, options: list[str]
) -> None:
    typed("The cat\n")
    chat(parse(add_chat_arguments, "--weights", name, "--raw", *options))
    out = capsys.readouterr().out
    assert "\n> The cat\nThe cat" in out, "what was piped in, and the text that goes on"
    assert "[prompt of 3 tokens" in out
    assert "<|im_start|>" not in out


def test_chat_is_seeded(capsys: pytest.CaptureFixture[str], typed: Callable[[str], None]) -> None:
    replies = []
    for seed in ("1", "1", "2"):
        typed("Hi\n")
        chat(parse(add_chat_arguments, "--weights", BASE, "--seed", seed, "--temperature", "2", "--top-p", "1"))
        replies.append(capsys.readouterr().out.split("\n> ")[1].split("\n[prompt")[0])
    assert replies[0] == replies[1] != replies[2]


def test_other_markup_is_continued_only_when_asked(copy: Copy, typed: Callable[[str], None]) -> None:
    folder = copy("tuned")
    (folder / "chat_template.jinja").write_text("[INST]")
    typed("Hi\n")
    with pytest.raises(ValueError, match="--plain"):
        chat(parse(add_chat_arguments, "--weights", str(folder)))
    assert chat(parse(add_chat_arguments, "--weights", str(folder), "--plain")) == 0


def test_compare(capsys: pytest.CaptureFixture[str]) -> None:
    assert compare(parse(add_compare_arguments, "--base", BASE, "--tuned", TUNED, "--prompt", "The cat", "--raw")) == 0
    out = capsys.readouterr().out
    assert "== The base model continues ==\nThe cat" in out
    assert f"== The tuned model answers ==\n{SYSTEM}<|im_start|>user\nThe cat<|im_end|>" in out
    assert "'<|im_end|>'" in out.split("After the tuned model's answer")[1]
    assert "nats per token" in out
    assert "It is still the same model: 8,400 and 8,400 parameters" in out
    assert "5.13%" in out


def test_compare_refuses_two_base_models() -> None:
    with pytest.raises(ValueError, match="this is a base model"):
        compare(parse(add_compare_arguments, "--base", BASE, "--tuned", BASE))


def test_settings_are_checked_before_anything_is_loaded() -> None:
    with pytest.raises(ValueError, match="temperature"):
        chat(parse(add_chat_arguments, "--weights", "nowhere", "--temperature", "-1"))
