"""`python -m labs chat`: talk to one of the models in the terminal."""

import argparse
from collections.abc import Sequence

from labs.core.commands.options import seed_number
from labs.core.commands.talk import Talk
from labs.core.commands.typed import typed_lines
from labs.core.model.checkpoint import Checkpoint, load_checkpoint
from labs.core.model.sampling import Sampling
from labs.core.world.tools import TOOLS

HELP = "/raw shows what the model saw · /think · /tools · /reset · /quit"


def main(arguments: Sequence[str]) -> int:
    """Talk to the model that the arguments name, line by line from standard input, until it ends.

    Raises: ValueError if the model can't be loaded or an argument doesn't fit it.
    """
    published = argparse.ArgumentParser(prog="python -m labs chat", add_help=False, allow_abbrev=False)
    published.add_argument("--weights")
    if published.parse_known_args(arguments)[0].weights is not None:
        return _published(arguments)
    options = _parser().parse_args(arguments)
    talk = _talk(load_checkpoint(options.model), options)
    print(_greeting(talk))
    for line in typed_lines():
        if line.strip() == "/quit":
            break
        if line.startswith("/"):
            print(_carried_out(line.strip(), talk))
        elif line.strip() or talk.begins_pages:
            try:
                talk.say(line)
            except ValueError as error:
                print(f"error: {error}")
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m labs chat",
        description="Talk to one of the models.",
        epilog=f"In the talk: {HELP}",
        allow_abbrev=False,
    )
    parser.add_argument(
        "--model", default="chat", metavar="base|sft|chat|mine", help="or a checkpoint's path; default: chat"
    )
    parser.add_argument("--think", action="store_true", help="replies begin with a think block")
    parser.add_argument("--tools", action="store_true", help=f"offer its tools: {', '.join(TOOLS)}")
    parser.add_argument("--raw", action="store_true", help="show the raw token string, markers included")
    framing = parser.add_mutually_exclusive_group()
    framing.add_argument("--markup", action="store_true", help="put what you say to a base model in chat markup")
    framing.add_argument("--prelude", action="store_true", help="set a base model a scene where an assistant answers")
    parser.add_argument("--temperature", type=float, help="0 is greedy; default: 1 for a base model, else 0")
    parser.add_argument("--top-k", type=int, default=0, help="0, the default, is off")
    parser.add_argument("--top-p", type=float, default=1.0, help="1, the default, is off")
    parser.add_argument("--seed", default="0", help="of the draws, where the temperature is not 0; default: 0")
    parser.add_argument(
        "--weights", metavar="FOLDER_OR_HUB_ID", help="talk to a published model instead (see --weights X --help)"
    )
    return parser


def _talk(checkpoint: Checkpoint, options: argparse.Namespace) -> Talk:
    if checkpoint.reward_head is not None:
        raise ValueError(f"--model: expected a model that writes, got {options.model}, which judges; choose another.")
    is_base = checkpoint.meta.get("stage", checkpoint.name) == "base"
    for name in ("markup", "prelude"):
        if getattr(options, name) and not is_base:
            raise ValueError(f"--{name}: expected with a base model, got {options.model}; add --model base.")
    markup = options.markup or not is_base
    for name in ("think", "tools"):
        if getattr(options, name) and not markup:
            raise ValueError(f"--{name}: expected with chat markup, got a base model's plain text; add --markup.")
    temperature = options.temperature if options.temperature is not None else float(is_base)
    return Talk(
        checkpoint,
        Sampling(temperature, options.top_k, options.top_p),
        seed_number(options.seed),
        markup=markup,
        prelude=options.prelude,
        raw=options.raw,
        thinks=options.think,
        has_tools=options.tools,
    )


def _greeting(talk: Talk) -> str:
    does = "It replies to what you say."
    if not talk.markup:
        does = "It continues your text" + (", after a prelude." if talk.prelude else "; an empty line begins a page.")
    return f"{talk.checkpoint.name}: {talk.checkpoint.model.n_params:,} parameters. {does}\n{HELP}"


def _carried_out(command: str, talk: Talk) -> str:
    """What a line that begins with / does, in words."""
    if command == "/raw":
        return talk.last_seen()
    if command == "/reset":
        talk.reset()
        return "Forgotten."
    if command in ("/think", "/tools") and not talk.markup:
        return f"error: {command}: expected with chat markup, got a base model's plain text; start with --markup."
    if command == "/think":
        talk.thinks = not talk.thinks
        return "It thinks before it replies." if talk.thinks else "It replies at once."
    if command == "/tools":
        talk.has_tools = not talk.has_tools
        return f"Its tools: {', '.join(TOOLS)}." if talk.has_tools else "It has no tools."
    return HELP if command == "/help" else f"error: expected one of these, got {command}: {HELP}"


def _published(arguments: Sequence[str]) -> int:
    from labs.core.weights import command

    parser = argparse.ArgumentParser(
        prog="python -m labs chat", description="Talk to a published model.", allow_abbrev=False
    )
    command.add_chat_arguments(parser)
    command.add_writing_arguments(parser)
    return command.chat(parser.parse_args(arguments))
