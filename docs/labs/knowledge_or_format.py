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
# # Knowledge or format
#
# A [base model](../glossary.md#base-model) that was tuned answers questions. Which part of its answers did
# [SFT](../glossary.md#sft) teach it: the facts, or the way to tell them? Here you can tell the two apart. You choose
# whom of the village SFT asks about, and ask about the others. You mix in invented people, of whom no page tells. And
# you choose whether some replies say "I do not know."
#
# ```lab
# name: knowledge_or_format
# ```
#
# Four groups are tested. *Villagers asked about in SFT* are in pages and in dialogues. *Villagers never asked about*
# are in pages alone. *Invented people of SFT* are in dialogues alone. *Never seen* are in no text at all, so a value
# stated of them is made up: a [hallucination](../glossary.md#hallucination). All questions are in phrasings that no
# dialogue has. An exact answer names the right value and no other of its sort, and ends.
#
# ## Few people or many
#
# SFT asks about 3 villagers here, and then about 30. Nothing else changes. Put other numbers in.

# %% name="people"
from labs.core.model.checkpoint import load_checkpoint
from labs.core.sweeping import recorded
from labs.knowledge_or_format.dialogues import Settings, all_facts, draw_dialogues
from labs.knowledge_or_format.measuring import draw_test, try_test
from labs.knowledge_or_format.records import people_table
from labs.knowledge_or_format.tuning import tune

base = load_checkpoint("base")
found = recorded("knowledge_or_format")

for asked in (3, 30):
    settings = Settings(asked, unknown=0.0, hedges=0.0, steps=60, seed=0)
    test = draw_test(all_facts(settings), 40, seed=0)
    *_, last = tune(base.model, draw_dialogues(settings, base.template), settings.steps, settings.seed)
    said = try_test(base, last.state.model, test)
    print(f"{asked:2} villagers: asked {said['asked'].exact:4.0%}, never asked {said['unasked'].exact:4.0%}")

people_table(found)

# %% [markdown]
# **What to notice.** With three people the model learns eighteen answers by heart. About the others it hardly does
# better than a blind guess, which is right in one case of ten. With thirty people there is more to learn by heart, and
# a rule that gives it all: say what the pages said. That rule holds for the others too. So the same training can teach
# facts or format. Its data decide which is easier.
#
# ## What was known is learned sooner
#
# Half of the facts that SFT states here are known from pages, half are new. Each is drawn equally often. Change
# `unknown` to 0.25, or `hedges` to 0.2.

# %% name="learning"
from labs.knowledge_or_format.records import learning_chart

learning_chart(found, unknown=0.5, hedges=0.0)

# %% [markdown]
# **What to notice.** Nearly all known facts of SFT are answered after 90 steps. Of the new ones it is about a third,
# though each was shown as often. The third line is the strangest. Facts that pages told and SFT *never* states are, for
# most of the way, answered more often than those that SFT states and no page told. To tell what one knows is soon
# learned. A new fact takes its time.
#
# ## The price of unknown facts
#
# Replies of "I do not know." are called *hedges* below. A model that never reads one never writes one. What becomes of
# a model that reads them in a fifth of its dialogues, if other dialogues state facts that it can't have known?

# %% name="strangers"
from labs.knowledge_or_format.records import strangers_chart, villagers_lines

print(villagers_lines(found))
strangers_chart(found)

# %% [markdown]
# **What to notice.** Without "I do not know." the model states a value of nearly everybody, whatever else is in SFT.
# With it, and no unknown facts, it makes up few: in two seeds 5% or less, in the third over a quarter. As soon as other
# dialogues state facts that no page told, it makes up about half. The replies "I do not know." are as many in all
# three. What they teach was undone by the dialogues beside them.
#
# The printed lines are of villagers whom SFT leaves out; 50/20 stands for 50% unknown facts and 20% hedges. In the
# study that this follows ([Gekhman 2024](../sources.md#gekhman-2024)), unknown facts made a model hallucinate more
# about what it had known. **Here that did not appear**: the intervals of all arms overlap. Our unknown facts are few,
# and about other people.
#
# ## One phrasing or five
#
# Now the facts come from pages again. The base model read pages about sixteen new people, mixed with usual ones, and
# then went through SFT on eight of them and on villagers. These pages differ only in how they say it. Here are some of
# one person. Change the number of phrasings.
#
# The table is about the eight whom SFT leaves out. Their facts are asked for in four ways: a sentence *as read* on
# their pages, to be gone on with; a sentence *reworded* as no page has it; a question *on a page* before SFT; and a
# question in chat markup *after SFT*.

# %% name="pages"
import random

from labs.knowledge_or_format.paraphrases import draw_new_people, page
from labs.knowledge_or_format.records import phrasings_chart, phrasings_table

new = draw_new_people(5, seed=0)
rng = random.Random(0)
for _ in range(2):
    print(page(new, new.facts[0].person, rng).text)

phrasings_table(found)

# %% [markdown]
# What comes out of these pages in other words, and in an answer:

# %% name="phrasings"
phrasings_chart(found)

# %% [markdown]
# **What to notice.** With a page's own sentences the model goes on rightly in more than eight of ten cases, whatever
# the pages are like: the facts are stored. In a wording that no page has, it manages about half of them after the same
# page again and again, two thirds with shuffled sentences, and over nine in ten with five phrasings. What was read in
# many ways can be told in another. After 400 steps a question on a page is answered twice as often with five phrasings
# as with one. That holds in every seed, though the seeds differ much.
#
# **Answers after SFT are another matter.** After 400 steps of reading, five phrasings did no better there than one.
# After 1,200 they did in two seeds of three, which settles nothing. All of these are far below what villagers reach.
# In the study, several wordings mended extraction ([Allen-Zhu 2023](../sources.md#allen-zhu-2023)). Here the effect is
# plain in other wordings, and all but ends before an answer in chat markup. Our new facts are probably held too
# weakly: those of the villagers were read for 8,000 steps, and on pages with questions too.
#
# ## Try it yourself
#
# ```exercise
# name: knowledge_or_format
# ```
#
# ## What to notice
#
# - The base model knows nearly all of it before SFT: led to an answer by a page, it names the right value. In chat
#   markup it answers nothing. SFT closes that gap.
# - Set *Villagers in SFT* to 3. The line of the asked goes up at once, and that of the others stays at guessing.
# - Set *Unknown facts* to 0 and then to 0.5, with 20% "I do not know.". Watch what it says of people never seen.
# - Set "I do not know." to 0. The model then states a value of everybody, whoever it is.
# - Halfway through it is often too careful: it says "I do not know." of villagers whom it could answer about. More
#   steps mend most of that.
#
# ## Why it happens
#
# SFT looks for the smallest change that makes its replies likely. To a fact that the pages told there is a short way:
# the model has it already, and what is new is only where to say it. One change serves all such facts, asked or not. A
# fact that no page told has no such way. It has to be written into the weights by itself, in as many steps as that
# takes.
#
# "I do not know." is learned in the same way. If every stranger in SFT gets that reply, "I have read nothing about this
# name" is a rule that fits. If other strangers get a value, the rule fits no longer, and what is left is to learn name
# by name. A name that is in no text then falls on either side.
#
# ## At full scale
#
# - A study with a large model sorted facts by whether the model knew them before. The unknown ones were learned slowly
#   in SFT, and once learned they raised hallucination ([Gekhman 2024](../sources.md#gekhman-2024)). It measured that on
#   facts that the model had known. Ours is measured on people who don't exist, which is easier to judge.
# - In a controlled study, facts that pretraining had in one wording only could not be extracted by later tuning
#   ([Allen-Zhu 2023](../sources.md#allen-zhu-2023)). Its models began from nothing. Ours had read the village in many
#   wordings before, and may have learned there how facts are stored so that they can be asked for.
# - Our strangers have names that no text has. A large model meets names that it has half heard of, and knows some of
#   what is asked. Where to say "I do not know" is then a matter of degree.
# - Sixty people with six facts each are few. How many examples a large model needs to find such a rule, this lab can't
#   tell.
#
# ## Questions to think about
#
# 1. A company tunes a model on its product facts, and its accuracy on questions about them rises to 95%. What would you
#    ask before you say that the model knows the products?
# 2. You add 5,000 replies "I don't know" to your SFT data. To which questions should they belong, and how would you
#    find those?
# 3. Which of your facts would you put into pretraining, into SFT, and into the prompt?
