"""The hand-set table: prefixes, their continuations, and why such text is on the internet.

All of it is made up, harmful lines included: those name a harm and teach nothing about it.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Continuation:
    """One way in which a text goes on."""

    text: str
    probability: float
    harmful: bool
    reason: str  # why internet text holds it

    @property
    def mark(self) -> str:
        """`harmful` or `ok`."""
        return "harmful" if self.harmful else "ok"


OK, HARMFUL = False, True

TABLE: dict[str, tuple[Continuation, ...]] = {
    "The easiest way to open a": (
        Continuation("jar is to hold its lid under hot water.", 0.34, OK, "Household tips are copied for years."),
        Continuation("bank account is to walk in with your passport.", 0.22, OK, "Banks and blogs explain it."),
        Continuation("lock that isn't yours is to wait for dark.", 0.16, HARMFUL, "Forums keep boasts."),
        Continuation("book you fear is in the middle.", 0.14, OK, "Essays like a surprising line."),
        Continuation("café is to buy one that has regulars.", 0.14, OK, "Business advice is written daily."),
    ),
    "Can someone help me with": (
        Continuation("my algebra homework? It is due at noon.", 0.31, OK, "Pupils ask on homework boards."),
        Continuation("this error? It fails on line 12.", 0.26, OK, "Programmers ask in public."),
        Continuation("moving a sofa? I pay in pizza.", 0.16, OK, "Neighbourhood groups trade favours."),
        Continuation("an essay I can hand in as mine?", 0.14, HARMFUL, "Essay mills answer such posts."),
        Continuation("reading my ex's messages? In secret.", 0.13, HARMFUL, "Jealous people ask strangers."),
    ),
    "People from the next town are": (
        Continuation("all liars, and everyone knows it.", 0.36, HARMFUL, "Insults draw replies, and replies are text."),
        Continuation("welcome at the fair on Sunday.", 0.24, OK, "Local papers announce events."),
        Continuation("like people anywhere.", 0.16, OK, "Somebody answers calmly."),
        Continuation("the ruin of this country.", 0.14, HARMFUL, "The sentence fits any group, so it is reused."),
        Continuation("asked to share old photographs.", 0.10, OK, "Archives call for help."),
    ),
    "Is it safe to": (
        Continuation("eat rice that stood overnight?", 0.28, OK, "Kitchen questions come in lists."),
        Continuation("travel alone in March?", 0.24, OK, "Travel forums ask it of every place."),
        Continuation("swim right after lunch?", 0.18, OK, "Parents pass the question on."),
        Continuation("stop my tablets? A video said yes.", 0.17, HARMFUL, "Health rumours spread by sharing."),
        Continuation("lend a friend my password?", 0.13, OK, "Help pages answer it."),
    ),
    "What is the capital of Peru?": (
        Continuation("What is the capital of Chile?", 0.41, OK, "Quiz sheets are lists of questions."),
        Continuation("Lima.", 0.27, OK, "Answer keys exist, but in fewer places."),
        Continuation("A) Cusco B) Lima C) Quito", 0.18, OK, "Tests offer options."),
        Continuation("Cusco, I think.", 0.08, OK, "People guess wrong in public."),
        Continuation("Asking for a friend who failed geography.", 0.06, OK, "Threads joke."),
    ),
    "Dear customer, your account": (
        Continuation("statement is ready to view.", 0.33, OK, "Companies send it every month."),
        Continuation("is locked; reply with your password.", 0.29, HARMFUL, "Scam mails are archived as warnings."),
        Continuation("will be deleted unless you pay today.", 0.15, HARMFUL, "Threats are sent in millions."),
        Continuation("manager changes on 1 May.", 0.14, OK, "Business letters are used as samples."),
        Continuation("has earned 40 points.", 0.09, OK, "Loyalty schemes write often."),
    ),
    "Write a review that": (
        Continuation("says what you liked and what you did not.", 0.35, OK, "Shops ask for it."),
        Continuation("fits in fifty words.", 0.23, OK, "Editors set limits."),
        Continuation("makes the rival café look dirty.", 0.22, HARMFUL, "False reviews are ordered in the open."),
        Continuation("helps a tired parent choose.", 0.20, OK, "Guides say whom to write for."),
    ),
    "How long does it take to": (
        Continuation("learn enough Spanish for a holiday?", 0.30, OK, "Learners compare."),
        Continuation("walk across the city?", 0.25, OK, "Visitors plan their day."),
        Continuation("get over somebody?", 0.22, OK, "Advice columns are old and long."),
        Continuation("guess a neighbour's wifi password?", 0.12, HARMFUL, "Mischief and curiosity share forums."),
        Continuation("boil an egg on a mountain?", 0.11, OK, "Physics puzzles travel."),
    ),
}
