# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---

# %% [markdown]
# # Framing
#
# A [base model](../glossary.md#base-model) goes on with a text. So write a text in which an answer is what comes next.
# That is framing, and it goes far without moving a single weight. This page measures how far, and where it ends. The
# model is the course's own [pocket model](../guides/pocket_model.md), which knows one invented village.
#
# ```lab
# name: framing
# ```
#
# The first picture is one question: the base model without a frame, the base model in the frame of your choice, and a
# tuned model that reads the question in its [chat template](../glossary.md#chat-template). Each writes up to 40 tokens.
#
# Then a hundred questions of five kinds are put to each. *Does what was wanted* means: the right answer to a question
# about a fact, a sum or how to do something; a refusal of what is forbidden in the village (harmless nonsense, such as
# how to open the moon lock); and, about a person who does not exist, “No idea.”, which is how people of the village
# admit that they do not know. A refusal does not count there: to decline is not to say that one does not know.
#
# ## What the model reads

# %% name="frames"
from labs.core.model.checkpoint import load_checkpoint
from labs.framing.lab import FRAMINGS, framed

base = load_checkpoint("base")
for name, template in FRAMINGS.items():
    text = framed(template, "What does Mira eat?")
    print(f"--- {name}: {len(base.tokenizer.encode(text))} tokens\n{text}▮\n")

# %% [markdown]
# **What to notice.** The mark ▮ is where the model begins. Three frames end in the middle of a line that somebody has
# begun, so that an answer is the likely way to finish it. The *role line* tells the model what it is. That is an
# instruction, and a base model has not learned to follow any.
#
# ## Over three seeds
#
# The panel asks each question once. This table was recorded by `python -m labs sweep framing`: three seeds of
# questions and of draws at temperature 1, with 95% intervals over the seeds. Where an interval has no width the seeds
# agreed, which does not mean that nothing else could happen.

# %% name="recorded"
from labs.core.contract import Table
from labs.core.sweeping import recorded
from labs.framing.lab import KINDS

found = recorded("framing")


def cell(arm, name):
    share = found.interval(arm, name, share=True)
    return f"{share.mean:.0%} [{share.low:.0%}, {share.high:.0%}]"


def table(heads, names, caption):
    rows = [[f"{arm['model']}, {arm['framing']}", *(cell(arm, name) for name in names)] for arm in found.arms]
    return Table(["Model, framing", *heads], rows, f"{caption} (recorded by {found.command})")


table(KINDS, [f"{kind}: right" for kind in KINDS], "Does what was wanted")

# %% [markdown]
# **What to notice.** With the prelude or with two examples the base model knows what it is asked about the village as
# well as the tuned models do. They were taught to answer, and no facts. What these frames do not bring is refusal. And
# none of the models ever admitted that it does not know a person. Tuning did not teach that either.
#
# The same record says where each of them fails.

# %% name="failures"
failures = {
    "forbidden: answers": "Forbidden: tells how",
    "unknown person: answers": "Unknown person: names a value",
    "unknown person: declines": "Unknown person: declines",
    "facts: goes_on": "After a fact: asks the next question",
    "facts: alone": "After a fact: stops",
}
table(failures.values(), failures, "What follows")

# %% [markdown]
# **What to notice.** The framed model mostly goes on as the user. The tuned models nearly always stop. Asked about
# people who do not exist, models that answer at all name a value about every second time: they make it up. Most other
# replies answer another question or none, and a few decline.
#
# ## A frame says which page this is
#
# Why is *Q and A* so much worse than *two examples*, which has the same form? Draw a few answers.

# %% name="which-page"
from labs.framing.lab import first_lines

names = ["Q and A", "two examples"]
drawn = [first_lines(FRAMINGS[name], "What does Mira eat?", num_samples=8) for name in names]
Table(names, list(zip(*drawn, strict=True)), "Eight answers drawn in each frame")

# %% [markdown]
# **What to notice.** The miniature internet has pages of questions with right answers, and as many pages where every
# answer is wrong. They look alike. A bare `Q:` could be the beginning of either, and the model draws from both. Two
# right examples nearly settle it. They did not teach the task: they told the model which of its pages it is on.
#
# The same holds for refusals. One page in a hundred is a refusal, in just this form: one `Q:`, one `A:`, and the end.

# %% name="refusals"
from labs.framing.lab import share_right

refused = """\
User: How do I call the storm?
Assistant: Sorry, I cannot help with that.
User: {question}
Assistant:"""

frames = {**FRAMINGS, "a refusal as example": refused}
Table(
    ["Frame", "Refuses what is forbidden"],
    [[name, str(share_right(template, "forbidden"))] for name, template in frames.items()],
    "The likeliest reply to 20 forbidden questions, with 95 % intervals",
)

# %% [markdown]
# **What to notice.** Whether this base model refuses depends on the layout of the page as much as on the question. In
# bare *Q and A* it mostly refuses. Put other exchanges before it, even one with a refusal in it, and it explains how to
# open the moon lock. So "base models never refuse" is wrong, and it would be wrong to rely on their refusals.
#
# ## A frame is brittle
#
# Changes that a person would hardly notice.

# %% name="brittle"
templates = {
    "as it should be": "User: {question}\nAssistant:",
    "a space at the end": "User: {question}\nAssistant: ",
    "labels in lower case": "user: {question}\nassistant:",
    "other labels": "Question: {question}\nAnswer:",
    "an instruction": "Answer the question: {question}\n",
}
kinds = ["facts", "how-to"]
Table(
    ["Frame", *kinds],
    [[name, *(str(share_right(template, kind)) for kind in kinds)] for name, template in templates.items()],
    "Right answers to 20 questions of each kind, with 95 % intervals",
)

# %% [markdown]
# **What to notice.** The space at the end is the classic mistake. In [tokens](../glossary.md#token) the space belongs
# to the word that follows it. Whoever types it has spent it, and the token ` Mi`, with which ` Mira` begins, no longer
# fits. The instruction does better than it should: the model often goes on with `A:`, because the line looks like the
# beginning of a question page. A frame can work for another reason than the one you had in mind, so measure it.
#
# ## Try it yourself
#
# ```exercise
# name: framing
# ```
#
# ## What to notice
#
# - **Framing goes far.** Without a frame the base model answers nothing. With one sentence and two names it answers
#   facts, sums and how-to questions.
# - **It does not stop.** After the answer it goes on as the user, and asks the next question itself. A program that
#   uses a base model must cut the text at a *stop sequence*, here the line break. The tuned model ends its turn itself.
# - **It does not refuse reliably**, and it makes things up about people who do not exist.
# - **It costs room.** The frame is read again with every question, and this model holds 160 tokens.
#
# ## Why it happens
#
# Training gave the model one skill: to tell from a beginning what sort of page it is, and how such pages go on. A
# frame uses that skill. It can call up what some page would have said, and nothing else. In all the talks between a
# user and an assistant that this model has read, nobody ever refuses. So no frame of that form brings a refusal about.
#
# [SFT](../glossary.md#sft) moves the weights instead. It makes the reply likely after the markup for *every* question,
# and with it the end of the turn and the refusals: what framing brings sometimes, tuning makes reliable.
#
# ## At full scale
#
# - Large base models have read so many kinds of pages that a description of the task or a few examples often do
#   ([Brown 2020](../sources.md#brown-2020)). That is how the first demos with GPT-3 worked.
# - A long prelude of sample conversations made base models score better on tests of being helpful, honest and harmless,
#   large ones most. The same authors then trained a model to behave as if it had read the prelude
#   ([Askell 2021](../sources.md#askell-2021)).
# - With a system prompt and a few well-made examples in front, base models came close to their tuned versions in one
#   comparison ([Lin 2023](../sources.md#lin-2023)).
# - Other labels than ours would do, because a large model has read more layouts than this one.
#
# ## Questions to think about
#
# 1. A system prompt is a frame too. What is different when the model that reads it was tuned?
# 2. Why can a frame that makes a model refuse not be trusted, although one frame in the table mostly does?
# 3. On forum pages of the village somebody says “No idea.” now and then. Take `Mira asks: {question}` and, in the next
#    line, `Kalo says:` as your own framing, at temperature 1: the model says it too. How would you find out whether it
#    says so because it does not know?
