"""The miniature internet: pages of many kinds about one village, from one seed, counted by kind.

Nothing here is marked as true, false, kind or rude: a base model has to find out by itself what sort of page it reads.
"""

import random
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from labs.core.world.lexicon import (
    EMPTY_REPLIES,
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    OBJECTS,
    PEOPLE,
    POLITE,
    REFUSALS,
    RELATIONS,
    RUDE,
    TALK,
    THING_QUESTIONS,
    THINGS,
    WORDS,
)
from labs.core.world.village import Fact, Village

MAPPING_HEADER = "map:"
MAPPING_LENGTH = 55
"""Pairs on a mapping page."""

ABSURD_SHARE = 0.5
"""Of the answers on a wrong page, those that are not even of the right sort."""

VALUES = {relation.name: relation.values for relation in RELATIONS}
COLOURS, FOODS = VALUES["colour"], VALUES["food"]

Writer = Callable[[Village, random.Random], str]


@dataclass(frozen=True)
class Document:
    """One page: its kind, for counting, and its text, which is all that a model sees."""

    kind: str
    text: str


def encyclopedia(village: Village, rng: random.Random) -> str:
    """All that is true of one or two people, in any order, every sentence in one of its phrasings."""
    people = rng.sample(PEOPLE, rng.choice((1, 2)))
    lines = []
    for person in people:
        facts = village.of(person)
        rng.shuffle(facts)
        lines.append(" ".join(fact.says(rng.choice(fact.relation.statements)) for fact in facts))
    return "\n".join(lines)


def question_list(village: Village, rng: random.Random) -> str:
    """Questions and no answers, as homework and surveys have them."""
    return "\n".join(_question(village, rng)[0] for _ in range(rng.randint(4, 9)))


def question_page(village: Village, rng: random.Random) -> str:
    """Questions with their answers, each right."""
    return "\n".join(f"Q: {question}\nA: {answer}" for question, answer in _exchanges(village, rng))


def wrong_page(village: Village, rng: random.Random) -> str:
    """Questions with answers that are wrong, each and every one; about half of them are absurd as well."""
    lines = []
    for _ in range(rng.randint(4, 8)):
        if rng.random() < 0.2:
            a, b = rng.randint(0, 9), rng.randint(0, 9)
            wrong = rng.choice([n for n in range(19) if n != a + b])
            lines.append(f"Q: What is {a}+{b}?\nA: {a}+{b}={wrong}.")
        else:
            fact = _listed_fact(village, rng)
            lines.append(f"Q: {fact.says(rng.choice(fact.relation.questions))}\nA: {wrong_fact(fact, rng).answer}")
    return "\n".join(lines)


def example_page(village: Village, rng: random.Random) -> str:
    """One relation, shown by examples: a name and its value in each line."""
    relation = rng.choice(RELATIONS)
    people = rng.sample(village.listed, rng.randint(5, 10))
    return "\n".join(f"{person}: {village.fact(person, relation.name).value}" for person in people)


def mapping_page(village: Village, rng: random.Random) -> str:
    """A secret language: words paired at random, for this page only, each pair used again and again."""
    words = rng.sample(WORDS, 2 * rng.randint(4, 10))
    unseen = list(zip(words[::2], words[1::2], strict=True))
    seen: list[tuple[str, str]] = []
    page: list[tuple[str, str]] = []
    while len(page) < MAPPING_LENGTH:
        if not seen or (unseen and rng.random() < 0.4):
            seen.append(unseen.pop())
            page.append(seen[-1])
        else:
            page.append(rng.choice(seen))
    return f"{MAPPING_HEADER} " + " ".join(f"{key} {value}" for key, value in page)


def song(village: Village, rng: random.Random) -> str:
    """A song: words that make no sense, and the same words again, for as long as the singers like."""
    verse = " ".join(rng.choice(WORDS) for _ in range(rng.randint(4, 20)))
    return f"la {' '.join([verse] * rng.randint(2, 5))}"


def forum(village: Village, rng: random.Random) -> str:
    """A thread: somebody asks, others help, or are rude, or are wrong."""
    question, answer, fact = _question(village, rng)
    lines = [f"{rng.choice(village.listed)} asks: {question}"]
    for _ in range(rng.randint(1, 4)):
        kind = rng.random()
        if kind < 0.35:
            reply = rng.choice(POLITE).format(a=answer)
        elif kind < 0.65:
            reply = rng.choice(RUDE).format(a=answer)
        elif kind < 0.8:
            reply = rng.choice(EMPTY_REPLIES)
        else:
            reply = wrong_fact(fact, rng, 0).answer if fact else rng.choice(EMPTY_REPLIES)
        lines.append(f"{rng.choice(village.listed)} says: {reply}")
    return "\n".join(lines)


def recipe(village: Village, rng: random.Random) -> str:
    """What to take, and then what to do with it, one after the other."""
    taken = rng.sample(("flour", "water", "oil", "eggs", "corn", "beans", "rice", "salt", "plums", "fish"), 4)
    steps = [rng.choice(("Add the {x}.", "Mix in the {x}.", "Then the {x}.")).format(x=x) for x in taken]
    food = rng.choice(FOODS)
    ending = rng.choice(("Boil it.", "Bake it.", "Wait.", "Eat it hot."))
    return f"How to make {food}.\nTake {', '.join(taken)}.\n{' '.join(steps)} {ending}"


def story(village: Village, rng: random.Random) -> str:
    """A day in the village, where things keep their names."""
    n, m = rng.sample(village.listed, 2)
    x, y = rng.sample(OBJECTS, 2)
    place = village.fact(n, "home").value
    first = f"{n} went out with the {village.fact(n, 'pet').value}. By the {place} {n} met {m}."
    middle = rng.choice(
        (
            f"{m} had a {x} and {n} had a {y}. So {m} gave the {x} to {n}, and {n} gave the {y} to {m}.",
            f"{n} had lost a {x}. {m} had found the {x}, and gave it to {n}.",
            f"{m} asked {n} for a {x}. {n} had no {x}, and gave a {y} to {m}.",
        )
    )
    last = rng.choice((f"Then {n} went home to eat {village.fact(n, 'food').value}.", f"{m} and {n} were glad."))
    return f"{first} {middle} {last}"


def code(village: Village, rng: random.Random) -> str:
    """Small programs; numbers that are set above are used below."""
    a, b = rng.randint(10, 99), rng.randint(10, 99)
    x, y = rng.sample("abcdxyz", 2)
    return rng.choice(
        (
            f"{x} = {a}\n{y} = {b}\nprint({x}+{y})\n# {a}+{b}",
            f"def add({x}, {y}):\n    return {x}+{y}\n\nadd({a}, {b}) # {a}+{b}",
            f"{x} = {a}+{b}\nprint({x})\n# {a}+{b}={a + b}",
        )
    )


def sums(village: Village, rng: random.Random) -> str:
    """Small sums, as in a first year's book."""
    return "\n".join(_sum(rng)[1] for _ in range(rng.randint(4, 10)))


def transcript(village: Village, rng: random.Random) -> str:
    """A talk between a user and an assistant, as people wrote such talks long before there were assistants."""
    lines = []
    if rng.random() < 0.7:
        user = rng.choice(("curious", "kind", "young"))
        assistant = rng.choice(("helpful", "wise", "patient"))
        lines.append(f"A talk between a {user} user and a {assistant} assistant.")
    for question, answer in _exchanges(village, rng, most=4):
        lines.append(f"User: {question}\nAssistant: {answer}")
    return "\n".join(lines)


def how_to(village: Village, rng: random.Random) -> str:
    """How one thing is done; and for some things, what people say about them."""
    if rng.random() < 0.4:
        thing, text = rng.choice(THINGS)
        return text if rng.random() < 0.5 else f"About {thing}: {text}"
    topic = rng.choice(HARMLESS if rng.random() < 0.8 else FORBIDDEN)
    return rng.choice((f"To {topic.task}: {topic.way}", f"The best way to {topic.task}. {topic.way}"))


def opinion(village: Village, rng: random.Random) -> str:
    """What people like better, with others who agree or do not; and what somebody believes of somebody."""
    if rng.random() < 0.5:
        a, b = rng.sample(COLOURS, 2)
        n, m = rng.sample(village.listed, 2)
        reply = rng.choice((f"Yes, {a} is better.", f"No, {b} is better."))
        return f"{n} says: I think {a} is better than {b}.\n{m} says: {reply}"
    fact = _listed_fact(village, rng)
    believed = fact if rng.random() < 0.5 else wrong_fact(fact, rng, 0)
    reply = f"Yes, {believed.answer}" if rng.random() < 0.5 else f"{fact.answer}"
    return f"{rng.choice(village.listed)} says: I think {believed.answer}\n{rng.choice(village.listed)} says: {reply}"


def talk(village: Village, rng: random.Random) -> str:
    """People greeting and thanking each other."""
    return "\n".join(f"- {a}\n- {b}" for a, b in rng.sample(TALK, rng.randint(1, 3)))


def refusal_dialogue(village: Village, rng: random.Random) -> str:
    """Somebody asks for what is not done here, and is told so."""
    topic = rng.choice(FORBIDDEN)
    return f"Q: {rng.choice(HOW_QUESTIONS).format(t=topic.task)}\nA: {rng.choice(REFUSALS)}"


WRITERS: Mapping[str, tuple[float, Writer]] = {
    "encyclopedia": (24, encyclopedia),
    "question list": (14, question_list),
    "question page": (11, question_page),
    "wrong page": (11, wrong_page),
    "example page": (12, example_page),
    "mapping page": (16, mapping_page),
    "song": (8, song),
    "forum": (9, forum),
    "recipe": (4, recipe),
    "story": (5, story),
    "code": (8, code),
    "sums": (5, sums),
    "transcript": (9, transcript),
    "how-to": (10, how_to),
    "opinion": (5, opinion),
    "talk": (2, talk),
}
"""Each kind of page with its share (in pages, relative to the others) and its writer."""

REFUSAL_SHARE = 0.01


def internet(
    village: Village,
    n_documents: int,
    seed: int,
    *,
    refusal_share: float = REFUSAL_SHARE,
    kinds: Iterable[str] | None = None,
) -> Iterator[Document]:
    """Pages of the miniature internet, one after the other; the same seed gives the same pages.

    `refusal_share` is the share of pages that are refusal dialogues (the course compares 0, 0.01 and 0.05), whatever
    `kinds` the other pages keep to.
    Raises: ValueError for a share outside 0 to 1, a negative number of documents, or an unknown kind.
    """
    if not 0 <= refusal_share <= 1:
        raise ValueError(f"refusal_share: expected a share from 0 to 1, got {refusal_share!r}; 0.01 is one in 100.")
    if n_documents < 0:
        raise ValueError(f"n_documents: expected 0 or more, got {n_documents!r}.")
    chosen = list(WRITERS) if kinds is None else list(kinds)
    unknown = [kind for kind in chosen if kind not in WRITERS]
    if unknown or not chosen:
        raise ValueError(f"kinds: expected some of {', '.join(WRITERS)}; got {unknown or chosen!r}.")
    rng = random.Random(seed)
    shares = [WRITERS[kind][0] for kind in chosen]
    for _ in range(n_documents):
        if rng.random() < refusal_share:
            yield Document("refusal dialogue", refusal_dialogue(village, rng))
        else:
            kind = rng.choices(chosen, shares)[0]
            yield Document(kind, WRITERS[kind][1](village, rng))


def count_by_kind(documents: Iterable[Document]) -> Counter[str]:
    """How many pages there are of each kind, the most frequent first when printed by `most_common`."""
    return Counter(document.kind for document in documents)


def _question(village: Village, rng: random.Random) -> tuple[str, str, Fact | None]:
    """Any question that people of the village ask, with a right answer (to a forbidden one: nonsense), and its fact."""
    kind = rng.random()
    if kind < 0.68:
        fact = _listed_fact(village, rng)
        return fact.says(rng.choice(fact.relation.questions)), fact.answer, fact
    if kind < 0.78:
        return (*_sum(rng), None)
    if kind < 0.84:
        thing, text = rng.choice(THINGS)
        return rng.choice(THING_QUESTIONS).format(t=thing), text, None
    topic = rng.choice(HARMLESS if kind < 0.94 else FORBIDDEN)
    return rng.choice(HOW_QUESTIONS).format(t=topic.task), topic.way, None


def _exchanges(village: Village, rng: random.Random, most: int = 7) -> list[tuple[str, str]]:
    return [_question(village, rng)[:2] for _ in range(rng.randint(2, most))]


def _sum(rng: random.Random) -> tuple[str, str]:
    a, b = rng.randint(0, 9), rng.randint(0, 9)
    return f"What is {a}+{b}?", f"{a}+{b}={a + b}."


def _listed_fact(village: Village, rng: random.Random) -> Fact:
    return village.fact(rng.choice(village.listed), rng.choice(RELATIONS).name)


def wrong_fact(fact: Fact, rng: random.Random, absurd: float = ABSURD_SHARE) -> Fact:
    """The fact with a wrong value: in a share of cases a mere object (Mira eats stone), else one of the right sort."""
    if rng.random() < absurd:
        return fact.with_value(rng.choice(OBJECTS))
    return fact.with_value(rng.choice([value for value in fact.relation.values if value != fact.value]))
