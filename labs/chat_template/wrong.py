"""Templates that are wrong on purpose. They change token ids, so that a marker that is missing is truly missing."""

from collections.abc import Callable, Iterable, Sequence

from labs.core.model.chat import Message, Role, Think
from labs.core.model.chat_template import ChatTemplate, Rendered
from labs.core.model.chat_writing import END, START
from labs.core.model.tools import Tool

type Frame = Callable[[ChatTemplate, Sequence[Message], Sequence[Tool], Think], Rendered]


def right(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """The template that the model was trained with."""
    return template.render(messages, tools, think, generate=True)


def no_generation_marker(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """Without the last <|im_start|>assistant and what follows it: no turn has begun, and `think` says nothing."""
    return template.render(messages, tools)


def no_end_token(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """Without any <|im_end|>: no turn is over."""
    rendered = right(template, messages, tools, think)
    end = template.tokenizer.special_id(END)
    return _picked(rendered, (place for place, token in enumerate(rendered.ids) if token != end))


def doubled_start(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """With every <|im_start|> twice, as when two programs add one each."""
    rendered = right(template, messages, tools, think)
    start = template.tokenizer.special_id(START)
    return _picked(rendered, (place for place, token in enumerate(rendered.ids) for _ in range(1 + (token == start))))


def no_newline(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """Without the newline that ends a header: "assistant" is followed by the reply at once."""
    rendered = right(template, messages, tools, think)
    newline = template.tokenizer.encode("\n")
    headers = {
        place + 1 + len(role)
        for place, token in enumerate(rendered.ids)
        if token == template.tokenizer.special_id(START)
        for role in [template.tokenizer.encode(rendered.roles[place])]
    }
    assert all(rendered.ids[place : place + 1] == newline for place in headers), "a header ends with one newline"
    return _picked(rendered, (place for place in range(len(rendered.ids)) if place not in headers))


def typed_markers(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """The right string, typed out: each marker is plain text of many tokens, and none of them is special."""
    typed, tokenizer = Rendered(), template.tokenizer
    rendered = right(template, messages, tools, think)
    for token, scored, role in zip(rendered.ids, rendered.loss_mask, rendered.roles, strict=True):
        special = tokenizer.is_special(token)
        _write(typed, tokenizer.encode(tokenizer.token_text(token)) if special else [token], scored, role)
    return typed


def other_family(
    template: ChatTemplate, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent"
) -> Rendered:
    """With the markers of another family, [INST] and [/INST], which are plain text here. It knows no think block."""
    written, encode = Rendered(), template.tokenizer.encode
    opening = "".join(f"{tool.signature}: {tool.description}\n" for tool in tools)
    opening = f"[AVAILABLE_TOOLS]{opening}[/AVAILABLE_TOOLS]" if tools else ""
    _write(written, encode(opening), 0, "system")
    before = ""
    for message in messages:
        if message.role == "system":
            before = f"<<SYS>>\n{message.content}\n<</SYS>>\n\n"
        elif message.role == "user":
            _write(written, encode(f"[INST] {before}{message.content} [/INST]"), 0, "user")
            before = ""
        elif message.role == "tool":
            _write(written, encode(f"[TOOL_RESULTS] {message.content} [/TOOL_RESULTS]"), 0, "tool")
        else:
            _write(
                written,
                encode(" " + message.content + "".join(call.text for call in message.tool_calls)),
                1,
                "assistant",
            )
    if before:
        _write(written, encode(f"[INST] {before}[/INST]"), 0, "system")
    return written


def _picked(rendered: Rendered, places: Iterable[int]) -> Rendered:
    """The tokens at these places."""
    picked = Rendered()
    for place in places:
        _write(picked, rendered.ids[place : place + 1], rendered.loss_mask[place], rendered.roles[place])
    return picked


def _write(rendered: Rendered, ids: Sequence[int], scored: int, role: Role) -> None:
    rendered.ids.extend(ids)
    rendered.loss_mask.extend([scored] * len(ids))
    rendered.roles.extend([role] * len(ids))


TEMPLATES: dict[str, Frame] = {
    "right": right,
    "no generation marker": no_generation_marker,
    "no end token": no_end_token,
    "doubled start": doubled_start,
    "no header newline": no_newline,
    "typed markers": typed_markers,
    "another family": other_family,
}
"""The right template first, then the wrong ones."""
