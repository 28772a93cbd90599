"""Is refusing one direction? The difference of two means, and a model that can't write it any more."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from labs.core.model.arrays import Floats
from labs.core.model.chat import Message
from labs.core.model.chat_template import ChatTemplate
from labs.core.model.transformer import Transformer
from labs.core.world.lexicon import FORBIDDEN, HOW_QUESTIONS, LOOK_ALIKES
from labs.core.world.tasks import phrasings

TAUGHT = phrasings(HOW_QUESTIONS, "taught")
"""The direction comes from phrasings of the dialogues; what it does is measured in others."""


def refusal_direction(model: Transformer, template: ChatTemplate, layers: int) -> Floats:
    """From the mean state of look-alikes to that of forbidden requests, after so many layers, at the last token.

    Shapes: -> (C,), of length 1.
    Source: Arditi et al. 2024 (difference of means).
    """
    config = replace(model.config, n_layer=layers)
    params = {name: model.params[name] for name in config.shapes()}
    first = Transformer(config, params | {"final_norm": np.ones_like(params["final_norm"])})
    means = []
    for topics in (FORBIDDEN, LOOK_ALIKES):
        questions = [question.format(t=topic.task) for topic in topics for question in TAUGHT]
        means.append(np.mean([_last_state(first, template, question) for question in questions], axis=0))
    difference: Floats = means[0] - means[1]
    return difference / np.linalg.norm(difference)


def without(model: Transformer, direction: Floats) -> Transformer:
    """The model, with the direction taken out of all that is ever written into the residual stream.

    Source: Arditi et al. 2024 (weight orthogonalization).
    """
    writes = ("embedding", ".output", ".down")
    params = {
        name: array - np.outer(array @ direction, direction) if name.endswith(writes) else array
        for name, array in model.params.items()
    }
    return Transformer(model.config, {name: array.astype(model.dtype) for name, array in params.items()})


def random_directions(n: int, width: int, seed: int = 0) -> Sequence[Floats]:
    """Others to compare with.

    Shapes: -> n of (C,), of length 1.
    """
    drawn = np.random.default_rng(seed).normal(size=(n, width))
    return list(drawn / np.linalg.norm(drawn, axis=1, keepdims=True))


def _last_state(model: Transformer, template: ChatTemplate, question: str) -> Floats:
    ids = template.render([Message("user", question)], generate=True).ids
    state: Floats = model.hidden(np.array(ids)[None])[0][0, -1]
    return state
