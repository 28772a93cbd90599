"""Token ids as tokens to be shown."""

from collections.abc import Sequence

from labs.core.contract.tokens import Token
from labs.core.model.tokenizer import Tokenizer


def shown(
    ids: Sequence[int],
    tokenizer: Tokenizer,
    *,
    written_from: int | None = None,
    probabilities: Sequence[float] | None = None,
    roles: Sequence[str] | None = None,
    scored: Sequence[int] | None = None,
) -> tuple[Token, ...]:
    """Ids with their texts; the model wrote those from the place `written_from` on.

    Shapes: ids (T,); probabilities, if given, belong to the written ones, roles and scored to all of them.
    Raises: ValueError if a row given is not as long as it has to be, or an id is outside the vocabulary.
    """
    begins = len(ids) if written_from is None else written_from
    likely: Sequence[float | None] = [None] * len(ids)
    if probabilities is not None:
        likely = [*([None] * begins), *probabilities]
    for name, row in (("probabilities", likely), ("roles", roles), ("scored", scored)):
        if row is not None and len(row) != len(ids):
            raise ValueError(f"{name}: expected one a token, {len(ids)} in all, got {len(row)}; cut both.")
    return tuple(
        Token(
            tokenizer.token_text(token),
            int(token),
            special=tokenizer.is_special(token),
            role="" if roles is None else roles[place],
            scored=None if scored is None else bool(scored[place]),
            written=place >= begins,
            probability=likely[place],
        )
        for place, token in enumerate(ids)
    )
