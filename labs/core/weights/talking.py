"""A published model writes in the terminal: text as it comes, and how fast."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter

from labs.core.model.generation import generate
from labs.core.model.sampling import Sampling
from labs.core.weights.loading import Published
from labs.core.weights.published_tokenizer import BROKEN, PublishedTokenizer


@dataclass(frozen=True)
class Settings:
    """How a model writes."""

    sampling: Sampling
    max_new_tokens: int
    seed: int


@dataclass(frozen=True)
class Reply:
    """What a model wrote, its stop token included if it came to one.

    Units: prompt_seconds until the first token was there, seconds from then on.
    """

    n_prompt: int
    ids: tuple[int, ...]
    ended: bool
    prompt_seconds: float
    seconds: float

    @property
    def text_ids(self) -> tuple[int, ...]:
        """The reply without its stop token."""
        return self.ids[:-1] if self.ended else self.ids

    def summary(self) -> str:
        """Counts and speed in one line; the speed is that of the tokens after the first."""
        rate = f", {(len(self.ids) - 1) / self.seconds:.1f} tokens/s" if len(self.ids) > 1 and self.seconds else ""
        end = "ended by itself" if self.ended else "cut off"
        return f"[prompt of {self.n_prompt} tokens: {self.prompt_seconds:.2f} s; {len(self.ids)} tokens{rate}; {end}]"


def write_reply(
    published: Published, ids: Sequence[int], settings: Settings, stop_ids: Sequence[int], raw: bool = False
) -> Reply:
    """Print what the model writes after ids, as it comes; raw also shows the stop token. Ctrl-C cuts it off.

    Raises: ValueError if the prompt is empty, or leaves no room in the context.
    """
    if len(ids) >= published.model.config.context_length:
        raise ValueError(
            f"Prompt: expected fewer than {published.model.config.context_length} tokens, which is all that the model "
            f"can look at, got {len(ids)}; begin a new conversation."
        )
    tokens: list[int] = []
    began = perf_counter()
    arrivals = [began]

    def arriving() -> Iterator[int]:
        for token in generate(
            published.model,
            ids,
            max_new_tokens=settings.max_new_tokens,
            sampling=settings.sampling,
            stop_ids=stop_ids,
            seed=settings.seed,
        ):
            arrivals.append(perf_counter())
            tokens.append(token)
            if raw or token not in stop_ids:
                yield token

    try:
        for piece in pieces(published.tokenizer, ids, arriving()):
            print(piece, end="", flush=True)
    except KeyboardInterrupt:
        print(" …", end="")
    print()
    first = arrivals[min(1, len(tokens))]
    ended = bool(tokens) and tokens[-1] in stop_ids
    return Reply(len(ids), tuple(tokens), ended, first - began, arrivals[-1] - first)


def pieces(tokenizer: PublishedTokenizer, ids: Sequence[int], tokens: Iterable[int]) -> Iterator[str]:
    """The text of tokens that come one by one after ids, held back while a character is incomplete.

    Some tokenizers drop a space at the very start of a text: the prompt's last token stands before, and is cut off.
    """
    written = list(ids[-1:])
    shown = len(tokenizer.decode(written))
    text = ""
    for token in tokens:
        written.append(token)
        text = tokenizer.decode(written)
        if not text.endswith(BROKEN):
            yield text[shown:]
            shown = len(text)
    if text[shown:]:
        yield text[shown:]
