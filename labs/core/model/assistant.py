"""An assistant at work: a model and its chat template; it replies, its tool calls are carried out, it goes on."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from labs.core.model.chat import Message, Think
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.generation import generate, generate_batch
from labs.core.model.sampling import Sampling
from labs.core.model.tools import Tool, ToolCall, ToolCallError, check_call
from labs.core.model.transformer import Transformer

GREEDY = Sampling(temperature=0)
REPLY_TOKENS = 96
"""How long a reply may become: one that goes on longer has not ended its turn."""
MOST_CALLS = 4
"""How many times in one turn the model may call tools and be shown their results."""
MALFORMED = "malformed"
"""The name under which a call that can't be read stands in the conversation, so that its error can follow it."""

type ToolFunctions = Mapping[str, Callable[..., str]]


@dataclass(frozen=True)
class Reply:
    """What a model wrote in its turn.

    `text` is all of it as the model sees it, markers too; `ended` whether it ended its turn; `message` how the chat
    template reads it, or None with the reason in `fault` if it cannot.
    """

    ids: tuple[int, ...]
    text: str
    ended: bool
    message: Message | None
    fault: str = ""

    @property
    def content(self) -> str:
        """What the user reads: the message's content, or the bare text where there is no message."""
        return self.message.content if self.message is not None else self.text.removesuffix("<|im_end|>")


@dataclass(frozen=True)
class Assistant:
    """A model that replies to messages, by way of its chat template."""

    model: Transformer
    template: ChatTemplate

    @property
    def end_id(self) -> int:
        """The token that ends a turn."""
        return self.template.tokenizer.special_id("<|im_end|>")

    def prompt(self, messages: Sequence[Message], tools: Sequence[Tool] = (), think: Think = "absent") -> list[int]:
        """The token ids after which the reply begins."""
        return self.template.render(messages, tools, think, generate=True).ids

    def write(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        think: Think = "absent",
        *,
        sampling: Sampling = GREEDY,
        max_new_tokens: int = REPLY_TOKENS,
        seed: int = 0,
    ) -> Iterator[int]:
        """The reply's tokens, each as it is asked for, the end of the turn included."""
        prompt = self.prompt(messages, tools, think)
        return generate(
            self.model, prompt, max_new_tokens=max_new_tokens, sampling=sampling, stop_ids=(self.end_id,), seed=seed
        )

    def read(self, ids: Sequence[int], think: Think = "absent") -> Reply:
        """What written tokens say."""
        text = self.template.tokenizer.decode(ids)
        ended = bool(ids) and ids[-1] == self.end_id
        try:
            return Reply(tuple(ids), text, ended, self.template.parse_reply(ids, think))
        except ValueError as fault:
            return Reply(tuple(ids), text, ended, None, str(fault))

    def reply_all(
        self,
        prompts: Sequence[tuple[Sequence[Message], Sequence[Tool], Think]],
        *,
        sampling: Sampling = GREEDY,
        max_new_tokens: int = REPLY_TOKENS,
        seed: int = 0,
    ) -> list[Reply]:
        """One reply to each conversation, written all together."""
        ids = [self.prompt(*prompt) for prompt in prompts]
        written = generate_batch(
            self.model, ids, max_new_tokens=max_new_tokens, sampling=sampling, stop_ids=(self.end_id,), seed=seed
        )
        return [self.read(reply, think) for reply, (_, _, think) in zip(written, prompts, strict=True)]

    def answer(
        self,
        messages: Sequence[Message],
        tools: Sequence[Tool] = (),
        think: Think = "absent",
        *,
        functions: ToolFunctions,
        sampling: Sampling = GREEDY,
        seed: int = 0,
    ) -> list[Message]:
        """A whole turn: the reply, the results of the tools that it calls, and the reply to these.

        A malformed call or one that no offered tool can answer is answered by the error's text, as any tool's result.
        After `MOST_CALLS` rounds of calls the turn is over: the last call gets no result.
        Raises: ValueError if the conversation does not fit into the model's context.
        """
        turn: list[Message] = []
        for rounds_left in reversed(range(MOST_CALLS + 1)):
            ids = list(self.write([*messages, *turn], tools, think, sampling=sampling, seed=seed))
            reply = self.read(ids, think)
            turn.append(reply.message or unread(reply))
            if not turn[-1].tool_calls or not rounds_left:
                break
            if reply.message is None:
                turn.append(Message("tool", f"error: {reply.fault}"))
            else:
                turn += [Message("tool", carry_out(call, tools, functions)) for call in reply.message.tool_calls]
        return turn


def unread(reply: Reply) -> Message:
    """A reply that can't be read, as a message all the same: its text, or what it wrote for a call as one call."""
    content, marker, rest = reply.text.partition("<tool_call>")
    if not marker or not reply.ended:
        return Message("assistant", reply.text.removesuffix("<|im_end|>"))
    written = rest.removesuffix("<|im_end|>").removesuffix("</tool_call>").replace("</parameter>", " ")
    return Message("assistant", content, tool_calls=(ToolCall(MALFORMED, {"text": written}),))


def carry_out(call: ToolCall, tools: Sequence[Tool], functions: ToolFunctions) -> str:
    """The result of a tool call, or what is wrong with it."""
    try:
        check_call(call, tools)
        return functions[call.name](**call.arguments)
    except (ToolCallError, ValueError) as fault:
        return f"error: {fault}"
