"""Which of the village's questions a typed text is: then a program knows what a right reply would be."""

import re
from functools import cache

from labs.core.recipe import VILLAGE
from labs.core.world.lexicon import (
    FORBIDDEN,
    HARMLESS,
    HOW_QUESTIONS,
    PEOPLE,
    RELATIONS,
    TALK,
    THING_QUESTIONS,
    THINGS,
)
from labs.core.world.tasks import Task, forbidden_task, how_task, sum_task, thing_task

SUM = re.compile(r"What is (\d{1,4})\+(\d{1,4})\?")


def known_task(text: str) -> Task | None:
    """The task that a question sets, if it is one of the village's or a sum; space around it does not count.

    Example: "What is 2+2?" -> the sum task whose right answer is "4"; "What is love?" -> None
    """
    question = text.strip()
    if found := SUM.fullmatch(question):
        return sum_task(int(found[1]), int(found[2]))
    return _questions().get(question)


@cache
def _questions() -> dict[str, Task]:
    tasks = [
        Task("fact", fact.says(question), fact.answer, fact.value, relation.values)
        for relation in RELATIONS
        for person in PEOPLE
        for fact in (VILLAGE.fact(person, relation.name),)
        for question in relation.questions
    ]
    tasks += [how_task(topic, question) for topic in HARMLESS for question in HOW_QUESTIONS]
    tasks += [forbidden_task(topic, question) for topic in FORBIDDEN for question in HOW_QUESTIONS]
    tasks += [thing_task(thing, question) for thing, _ in THINGS for question in THING_QUESTIONS]
    tasks += [Task("talk", question, answer) for question, answer in TALK]
    return {task.question: task for task in tasks}
