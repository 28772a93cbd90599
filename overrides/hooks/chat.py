"""Build step: the live chat. Each ```chat on a page becomes `<live-chat>`, which talks to the models in the browser.

Without JavaScript there is nothing to talk to: then it says so, and how to talk to the same models elsewhere.
"""

import html
import json
from collections.abc import Iterator, Sequence

from jinja2 import Environment
from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.files import Files
from mkdocs.structure.pages import Page

from overrides.hooks.fences import WRITE, Fence, fill_places, find_fences

MODELS = ("base", "sft", "chat", "mine")
FRAMINGS = ("raw", "prelude", "markup")
KEYS = ("models", "prompts")
MOST_MODELS = 2
OFF = (
    "This is where you could talk to the course's models. They compute in the page, which needs JavaScript. "
    "Without it, <code>python -m labs chat</code> is a talk with the same models on the command line."
)


def models_of(fence: Fence) -> list[str]:
    """The models that a chat fence names: one or two, a base model perhaps with its framing (`base:prelude`).

    Raises: BuildStop for anything else.
    """
    named = fence.content("models")["models"]
    models = [str(model).strip() for model in (named if isinstance(named, list) else str(named).split(","))]
    for model in models:
        name, colon, framing = model.partition(":")
        if name not in MODELS or (colon and (name != "base" or framing not in FRAMINGS)):
            known = f"{', '.join(MODELS)}, or base with a framing (base:{', base:'.join(FRAMINGS)})"
            said = f"The fence ```chat: expected models out of {known}; got {model[:40]!r}."
            raise fence.stop(said, WRITE["chat"], fence.offset("models"))
    if not 1 <= len(models) <= MOST_MODELS:
        said = f"The fence ```chat: expected one or two models, got {len(models)}."
        raise fence.stop(said, WRITE["chat"], fence.offset("models"))
    return models


def prompts_of(fence: Fence) -> list[str] | None:
    """The prompts that a chat fence offers, or None for the course's own.

    Raises: BuildStop if they are no list of texts.
    """
    prompts = fence.content("models").get("prompts")
    if prompts is None:
        return None
    if not isinstance(prompts, list) or not all(isinstance(prompt, str) and prompt.strip() for prompt in prompts):
        said = f"The fence ```chat: expected prompts as a list of texts, got {str(prompts)[:60]!r}."
        fix = 'write it so:\n```chat\nmodels: base, chat\nprompts: ["Where does Mira live?"]\n```'
        raise fence.stop(said, fix, fence.offset("prompts"))
    return prompts


def render_chat(fence: Fence, key: str) -> str:
    """A chat: its models, the prompts that it offers, and what is said without JavaScript. `key` is its place.

    Raises: BuildStop if the fence asks for something that there is not.
    """
    for name in fence.content("models"):
        if name not in KEYS:
            said = f"The fence ```chat: expected {' and '.join(KEYS)} only, got {str(name)[:40]!r}."
            raise fence.stop(said, WRITE["chat"], fence.offset(str(name)))
    prompts = prompts_of(fence)
    offered = "" if prompts is None else f' prompts="{html.escape(json.dumps(prompts, ensure_ascii=False))}"'
    models = " ".join(models_of(fence))
    return f'<live-chat key="{html.escape(key)}" models="{models}"{offered}><p class="chat-off">{OFF}</p></live-chat>'


def render_page(page: Page, fences: Sequence[Fence]) -> Iterator[str]:
    """The chats of a page, in order."""
    for number, fence in enumerate(fences, start=1):
        yield render_chat(fence, f"{page.file.src_uri}#chat-{number}")


def on_env(env: Environment, config: MkDocsConfig, files: Files) -> Environment:
    """MkDocs: all pages are read and none is written, so make the chats."""
    for file in files.documentation_pages():
        if file.page is not None and (fences := list(find_fences(file.page, ("chat",)))):
            fill_places(file.page, render_page(file.page, fences), ("chat",))
    return env
