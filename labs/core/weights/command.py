"""What `python -m labs chat --weights` and `python -m labs compare` do."""

from argparse import ArgumentParser, Namespace
from dataclasses import replace
from itertools import takewhile
from time import perf_counter

from labs.core.commands.typed import typed_lines
from labs.core.contract.bars import with_bars
from labs.core.contract.tables import Table
from labs.core.model.chat import Message
from labs.core.model.sampling import Sampling
from labs.core.weights.chatml import ChatML
from labs.core.weights.comparing import check_pair, mean_logp, next_tokens, relative_differences
from labs.core.weights.loading import Published, load_published
from labs.core.weights.talking import Reply, Settings, write_reply


def add_chat_arguments(parser: ArgumentParser) -> None:
    """What `chat` takes beside the options of `add_writing_arguments`."""
    parser.add_argument("--weights", metavar="FOLDER_OR_HUB_ID", help="a published Llama-type model")
    parser.add_argument("--plain", action="store_true", help="continue text without markup, tuned or not")


def add_compare_arguments(parser: ArgumentParser) -> None:
    """What `compare` takes beside the options of `add_writing_arguments`."""
    parser.add_argument("--base", required=True, metavar="FOLDER_OR_HUB_ID", help="a published base model")
    parser.add_argument("--tuned", required=True, metavar="FOLDER_OR_HUB_ID", help="the model tuned from it")
    parser.add_argument("--prompt", default="What is the capital of France?", help="what both are given")


def add_writing_arguments(parser: ArgumentParser) -> None:
    """How a published model writes. The default temperature and top_p are those of SmolLM2's model card."""
    parser.add_argument("--system", help="the system message, in place of the model's own")
    parser.add_argument("--raw", action="store_true", help="show the text as the model sees it, markers included")
    parser.add_argument("--temperature", type=float, default=0.2, help="0 is greedy; default: %(default)s")
    parser.add_argument("--top-k", type=int, default=0, help="0 is off; default: %(default)s")
    parser.add_argument("--top-p", type=float, default=0.9, help="1 is off; default: %(default)s")
    parser.add_argument("--max-new-tokens", type=int, default=256, help="default: %(default)s")
    parser.add_argument("--seed", type=int, default=0, help="default: %(default)s")


def chat(arguments: Namespace) -> int:
    """Talk with a tuned model, or let a base model continue text, line by line from standard input.

    Raises: ValueError if the model can't be found, read or computed, or a setting is out of bounds.
    """
    settings = _settings(arguments)
    published = _load(arguments.weights)
    if arguments.plain or not published.has_template:
        print("It continues your text. An empty line ends.")
        for line in takewhile(str.strip, typed_lines()):
            ids = published.tokenizer.encode(line, start=True)
            _write(published, ids, settings, published.stop_ids, arguments.raw, lead=line)
        return 0
    chatml = _chatml(published, arguments)
    print(f"System message: {chatml.system or 'none'}\nIt answers. An empty line ends.")
    messages: list[Message] = []
    for line in takewhile(str.strip, typed_lines()):
        messages.append(Message("user", line))
        ids = chatml.prompt(messages)
        reply = _write(published, ids, settings, _turn_ends(published, chatml), arguments.raw)
        messages.append(Message("assistant", published.tokenizer.decode(reply.text_ids)))
    return 0


def compare(arguments: Namespace) -> int:
    """Give one prompt to a base model and to the model tuned from it, and show how far apart they are.

    Raises: ValueError if a model can't be found, read or computed, or the two are no pair.
    """
    settings = _settings(arguments)
    base, tuned = _load(arguments.base), _load(arguments.tuned)
    check_pair(base, tuned)
    chatml = _chatml(tuned, arguments)
    text_ids = base.tokenizer.encode(arguments.prompt, start=True)
    chat_ids = chatml.prompt([Message("user", arguments.prompt)])
    _title("The base model continues")
    _write(base, text_ids, settings, base.stop_ids, arguments.raw, lead=arguments.prompt)
    _title("The tuned model answers")
    reply = _write(tuned, chat_ids, settings, _turn_ends(tuned, chatml), arguments.raw)

    _title("What comes next?")
    replied = [*chat_ids, *reply.text_ids]
    _print_next("After the bare prompt", next_tokens(base, tuned, text_ids))
    _print_next("Where the answer begins, in markup", next_tokens(base, tuned, chat_ids))
    ends = next_tokens(base, tuned, replied, always=[chatml.end_id])
    _print_next("After the tuned model's answer, in markup", ends)
    if reply.ids:
        logps = [mean_logp(published, chat_ids, reply.ids) for published in (base, tuned)]
        print(f"That answer, nats per token: {logps[0]:.2f} from the base model, {logps[1]:.2f} from the tuned one.")

    _title("How far did the weights move?")
    moved = relative_differences(base.model, tuned.model)
    print(with_bars(Table(("weights", "|tuned − base| / |base|"), list(moved.items()))))
    print(
        f"\nIt is still the same model: {base.model.n_params:,} and {tuned.model.n_params:,} parameters, the same "
        f"shapes, code and vocabulary. Tuning moved the weights by {moved['all']:.2%} of their length."
    )
    return 0


def _settings(arguments: Namespace) -> Settings:
    sampling = Sampling(arguments.temperature, arguments.top_k, arguments.top_p)
    return Settings(sampling, arguments.max_new_tokens, arguments.seed)


def _load(name: str) -> Published:
    began = perf_counter()
    published = load_published(name)
    config, template = published.model.config, "a" if published.has_template else "no"
    print(
        f"{name}: {published.model.n_params:,} parameters, {config.n_layer} layers of {config.n_embd}, "
        f"context {config.context_length:,}, {template} chat template; loaded in {perf_counter() - began:.1f} s"
    )
    return published


def _chatml(published: Published, arguments: Namespace) -> ChatML:
    chatml = published.chatml()
    return chatml if arguments.system is None else replace(chatml, system=arguments.system)


def _turn_ends(published: Published, chatml: ChatML) -> tuple[int, ...]:
    return (*published.stop_ids, chatml.end_id)


def _write(
    published: Published, ids: list[int], settings: Settings, stop_ids: tuple[int, ...], raw: bool, lead: str = ""
) -> Reply:
    print(published.tokenizer.decode(ids) if raw else lead, end="", flush=True)
    reply = write_reply(published, ids, settings, stop_ids, raw)
    print(reply.summary(), flush=True)
    return reply


def _title(text: str) -> None:
    print(f"\n== {text} ==", flush=True)


def _print_next(caption: str, rows: list[tuple[str, float, float]]) -> None:
    print(with_bars(Table(("token", "P, base", "P, tuned"), rows, f"{caption}:")), end="\n\n")
