"""`python -m labs chat`, driven as it would be through a pipe, by a model whose replies are written here."""

import argparse
import io
import sys
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from labs.__main__ import main
from labs.core.model.arrays import Floats
from labs.core.model.checkpoint import save_checkpoint
from labs.core.model.my_model import keep
from labs.core.model.sampling import Sampling
from labs.core.model.tokenizer import Tokenizer
from labs.core.model.transformer import Transformer
from labs.core.world.tools import TOOLS
from tests.labs.core.commands.tiny import CONFIG, TOKENIZER

CALL = "<tool_call><function=calculator><parameter=expression>37+45</parameter></function></tool_call>"

Chat = Callable[..., str]


def ids_of(text: str, tokenizer: Tokenizer = TOKENIZER) -> list[int]:
    """A token string from its text, with the markers in it as special tokens."""
    for marker in tokenizer.special_tokens:
        before, found, after = text.partition(marker)
        if found:
            return [*ids_of(before), tokenizer.special_id(marker), *ids_of(after)]
    return tokenizer.encode(text)


class Scripted:
    """Stands for the model: writes what it is told to, and remembers what it was asked."""

    def __init__(self, replies: Sequence[str]) -> None:
        self.replies = list(replies)
        self.asked: list[Sequence[int]] = []
        self.prompts: list[str] = []
        self.seeds: list[int] = []
        self.temperatures: list[float] = []

    def __call__(
        self, model: Transformer, ids: Sequence[int], *, seed: int, sampling: Sampling, **options: object
    ) -> Iterator[tuple[int, Floats]]:
        self.asked.append(ids)
        self.prompts.append(TOKENIZER.decode(ids))
        self.seeds.append(seed)
        self.temperatures.append(sampling.temperature)
        reply = self.replies.pop(0)
        for token in ids_of(reply.removesuffix("^C")):
            yield token, np.zeros(TOKENIZER.vocab_size)
        if reply.endswith("^C"):
            raise KeyboardInterrupt


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Checkpoints of every stage, with a context long enough for a short talk."""
    model = Transformer.initialize(CONFIG.from_dict(CONFIG.to_dict() | {"context_length": 1000}), 0)
    for stage in ("base", "sft", "chat"):
        save_checkpoint(tmp_path, stage, model, TOKENIZER, {"stage": stage})
    save_checkpoint(
        tmp_path, "reward", model, TOKENIZER, {"stage": "reward"}, {"reward_head": model.params["final_norm"]}
    )
    return tmp_path


@pytest.fixture
def scripted(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Scripted]:
    def script(*replies: str) -> Scripted:
        made = Scripted(replies)
        monkeypatch.setattr("labs.core.live_chat.turn.generate_with_probabilities", made)
        return made

    return script


@pytest.fixture
def chat(folder: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Chat:
    """Say lines to a model; returns what was printed, without the greeting."""

    def said(*lines: str, model: str = "chat", options: Sequence[str] = ()) -> str:
        monkeypatch.setattr(sys, "stdin", io.StringIO("".join(f"{line}\n" for line in lines)))
        assert main(["chat", "--model", str(folder / model), *options]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        greeting, _, talk = printed.out.partition("\n\n")
        assert greeting.startswith(f"{model}: ") and "/raw shows what the model saw" in greeting
        return talk

    return said


def test_a_talk_goes_on_with_what_was_said(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted("Hello.<|im_end|>", "Good.<|im_end|>")
    assert chat("hi", "how are you?") == "> hi\nHello.\n\n> how are you?\nGood.\n\n> \n"
    assert model.prompts == [
        "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n",
        "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>\n"
        "<|im_start|>user\nhow are you?<|im_end|>\n<|im_start|>assistant\n",
    ]
    assert model.temperatures == [0, 0] and model.seeds == [0, 1]


def test_reset_forgets_and_quit_ends(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted("A.<|im_end|>", "B.<|im_end|>")
    assert "Forgotten." in chat("a", "/reset", "b", "/quit", "never said")
    assert model.prompts[1] == "<|im_start|>user\nb<|im_end|>\n<|im_start|>assistant\n"
    assert len(model.prompts) == 2


def test_raw_shows_the_token_string_on_demand_and_always(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    whole = "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\nHello.<|im_end|>"
    scripted("Hello.<|im_end|>")
    assert (
        chat("/raw", "hi", "/raw")
        == f"> /raw\nThe model has seen nothing yet.\n\n> hi\nHello.\n\n> /raw\n{whole}\n\n> \n"
    )
    scripted("Hello.<|im_end|>")
    assert chat("hi", options=["--raw"]) == f"> hi\n{whole}\n\n> \n"


def test_what_is_typed_is_never_a_marker(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted("No.<|im_end|>")
    chat("<|im_end|>")
    assert model.prompts[0].count("<|im_end|>") == 2
    assert sum(TOKENIZER.is_special(token) for token in model.asked[0]) == 3


def test_a_tool_call_is_carried_out_and_its_result_fed_back(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(f"{CALL}<|im_end|>", "37+45=82.<|im_end|>")
    shown = "[calls] calculator(expression=37+45)\n\n[calculator says] 37+45=82\n37+45=82.\n"
    assert chat("What is 37+45?", options=["--tools"]) == f"> What is 37+45?\n{shown}\n> \n"
    assert "<tools>\ncalculator(expression): adds two numbers\n" in model.prompts[0]
    assert all(f"\n{tool.signature}: " in model.prompts[0] for tool in TOOLS.values())
    assert model.prompts[1].endswith(f"{CALL}<|im_end|>\n<|im_start|>tool\n37+45=82<|im_end|>\n<|im_start|>assistant\n")


def test_a_call_that_fails_is_answered_by_why(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(f"{CALL.replace('37+45', '37-45')}<|im_end|>", "I can not.<|im_end|>")
    assert "[calculator says] error: expression: expected whole numbers" in chat("/tools", "37-45?")
    assert "<|im_start|>tool\nerror: expression:" in model.prompts[1]


def test_a_malformed_call_is_said_and_the_talk_goes_on(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(
        "<tool_call>37+45</tool_call><|im_end|>", "<tool_call>37<|im_end|>", "Yes.<|im_end|>", "Two.<|im_end|>"
    )
    talk = chat("one", "two", options=["--tools"])
    assert "[calls] 37+45" in talk and "[not a well-formed reply: expected <function=NAME>" in talk
    assert "[begins a call] 37" in talk and "Yes.\n\n> two\nTwo." in talk
    assert "<|im_start|>tool\nerror: expected <function=NAME>" in model.prompts[1]


def test_calls_without_end_are_ended(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(*[f"{CALL}<|im_end|>"] * 9)
    chat("What is 37+45?", options=["--tools"])
    assert len(model.prompts) == 5


def test_thoughts_are_shown_as_such(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted("2+2=4.\n</think>\n\nIt is 4.<|im_end|>", "Four.<|im_end|>")
    assert chat("2+2+3?", "/think", "again", options=["--think"]) == (
        "> 2+2+3?\n[thinks] 2+2=4.\nIt is 4.\n\n> /think\nIt replies at once.\n\n> again\nFour.\n\n> \n"
    )
    assert model.prompts[0].endswith("<|im_start|>assistant\n<think>\n")
    assert model.prompts[1].endswith("<|im_start|>assistant\n")


def test_a_reply_that_goes_on_is_said_to_be_cut_off(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    scripted("the cat", "the^C", "Yes.<|im_end|>")
    talk = chat("one", "two", "three")
    assert "the cat [cut off at token 5: it did not end by itself]" in talk
    assert "the … [cut off at token 1:" in talk and "Yes." in talk


def test_when_the_context_is_full_the_oldest_exchange_leaves_it(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(*["It is.<|im_end|>"] * 3)
    talk = chat("x" * 300, "y" * 300, "z" * 300)
    assert talk.count("[the context is full: the oldest 1 of the exchanges left it]") == 1
    assert "x" * 300 not in model.prompts[2] and "y" * 300 in model.prompts[2] and "z" * 300 in model.prompts[2]


def test_a_line_too_long_is_refused_and_the_talk_is_as_it_was(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted("A.<|im_end|>", "B.<|im_end|>")
    talk = chat("a", "w" * 1200, "b")
    assert "error: expected at most 750 tokens" in talk and "shorten the message" in talk
    assert len(model.prompts) == 2 and "user\na<|im_end|>" in model.prompts[1]
    scripted("B.")
    assert "error: expected fewer than 1000 tokens" in chat("w" * 1200, model="base")


def test_a_base_model_continues_text(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(" sat.\nThe dog sat.\n<|endoftext|>", "A page.<|endoftext|>")
    assert chat("The cat", "", model="base") == "> The cat\nThe cat sat.\nThe dog sat.\n\n> \nA page.\n\n> \n"
    assert model.prompts == ["<|endoftext|>The cat", "<|endoftext|>"]
    assert model.temperatures == [1, 1]
    scripted(" sat.<|endoftext|>")
    raw = "<|endoftext|>The cat sat.<|endoftext|>"
    assert chat("The cat", "/raw", model="base", options=["--raw"]).count(raw) == 2


def test_a_base_model_can_have_a_prelude_or_markup(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    model = scripted(" It is 4.\nUser: why?<|endoftext|>")
    talk = chat("2+2?", "", model="base", options=["--prelude"])
    assert model.prompts[0].endswith("\nUser: 2+2?\nAssistant:") and "Assistant: It is 4.\nUser: why?\n" in talk
    model = scripted("and so on.", "and on.")
    talk = chat("hi", "", "ho", model="base", options=["--markup", "--temperature", "0.5", "--seed", "7"])
    assert model.prompts[0] == "<|im_start|>user\nhi<|im_end|>\n<|im_start|>assistant\n"
    assert model.temperatures == [0.5, 0.5] and model.seeds == [7, 8] and "cut off" in talk


def test_commands_that_are_none_or_do_not_fit_are_said(chat: Chat, scripted: Callable[..., Scripted]) -> None:
    scripted()
    assert "error: expected one of these, got /rawr: /raw shows" in chat("/rawr")
    assert "/quit" in chat("/help")
    assert "start with --markup" in chat("/think", model="base")


@pytest.mark.parametrize(
    ("model", "options", "words"),
    [
        ("nothing", [], "nothing.json: expected a file of a checkpoint, got none"),
        ("reward", [], "expected a model that writes, got"),
        ("chat", ["--markup"], "--markup: expected with a base model"),
        ("sft", ["--prelude"], "--prelude: expected with a base model"),
        ("base", ["--think"], "--think: expected with chat markup"),
        ("base", ["--tools", "--prelude"], "--tools: expected with chat markup"),
        ("base", ["--markup", "--prelude"], "not allowed with"),
        ("chat", ["--temperature", "-1"], "temperature: expected a finite number of 0 or more"),
        ("chat", ["--seed", "-1"], "expected a whole number of 0 or more, got '-1'"),
    ],
)
def test_bad_arguments_are_said_on_stderr(
    model: str, options: list[str], words: str, folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["chat", "--model", str(folder / model), *options]) == 2
    printed = capsys.readouterr()
    assert words in printed.err and printed.out == ""


def test_a_real_model_replies_the_same_when_asked_the_same(chat: Chat) -> None:
    once, again, other = (chat("the cat", model="base", options=["--seed", seed]) for seed in ("1", "1", "2"))
    assert once == again != other
    assert "cut off at" in chat("the cat") or "> the cat\n" in chat("the cat")


def test_the_readers_own_model_can_be_talked_to(
    tmp_path: Path,
    scripted: Callable[..., Scripted],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("LLM_MASTERCLASS_MINE", str(tmp_path))
    assert main(["chat", "--model", "mine"]) == 2
    assert "expected a model that you trained" in capsys.readouterr().err
    keep(Transformer.initialize(CONFIG, 0), TOKENIZER, "A test's.")
    scripted("Hello.<|im_end|>")
    monkeypatch.setattr(sys, "stdin", io.StringIO("hi\n/tools\n"))
    assert main(["chat", "--model", "mine"]) == 0
    said = capsys.readouterr().out
    assert said.startswith("mine: ") and "> hi\nHello.\n" in said
    assert "Its tools: calculator, convert, clock, glossary." in said


def test_published_weights_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[object] = []

    def published(arguments: argparse.Namespace) -> int:
        handed.append((arguments.weights, arguments.temperature, arguments.raw))
        return 0

    monkeypatch.setattr("labs.core.weights.command.chat", published)
    assert main(["chat", "--weights", "some/folder", "--temperature", "0.1", "--raw"]) == 0
    assert handed == [("some/folder", 0.1, True)]


def test_two_published_models_are_handed_on(monkeypatch: pytest.MonkeyPatch) -> None:
    handed: list[object] = []

    def published(arguments: argparse.Namespace) -> int:
        handed.append((arguments.base, arguments.tuned))
        return 0

    monkeypatch.setattr("labs.core.weights.command.compare", published)
    assert main(["compare", "--base", "one", "--tuned", "two"]) == 0
    assert handed == [("one", "two")]
    assert main(["compare", "--base", "one"]) == 2
