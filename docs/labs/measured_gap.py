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
# # The measured gap
#
# In [the gap](gap.py) five invented scores rise by post-training, and a formula turns the rise into parameters. Here
# nothing is invented. We measure the [base model](../glossary.md#base-model) and two tuned ones in nine ways. Then we
# train base models of five sizes, give each the best prompt that we found, and ask: how large must a base model
# be to equal a small tuned one? Where none of them does, the answer is "none in range".
#
# The panel shows the recorded sizes first, for one measure. Below them it measures the shipped models on fresh cases.
# Look at refusing, then draw the average of all nine, and see what it hides.
#
# ```lab
# name: measured_gap
# ```
#
# ## A prompt is half of the score
#
# The same base model, the same cases, five prompts. Examples are of other people or topics than the one asked about.
# A base model has no token that ends a turn, so we give it a stop rule: its reply ends at the first line break. Put
# `"known"`, `"sums"` or `"polite"` in the place of `"refuses"`.

# %% name="prompts"
from labs.core.contract import Table
from labs.measured_gap.asking import WAYS, ask_base
from labs.measured_gap.live import assistant
from labs.measured_gap.measuring import ABILITIES, base_score

name, base = "refuses", assistant("base")
ability = ABILITIES[name]
task = ability.tasks(1, 0, "test")[0]
rows = []
for way in WAYS:
    measure = base_score(base, name, way, 20, seed=0).measure
    reply = ask_base(base, [task], way, ability.examples)[0].text
    rows.append([way, str(measure), reply])
Table(["Prompt", "Score", f"To “{task.question}” it writes"], rows, f"{ability.words}, the shipped base model")

# %% [markdown]
# **What to notice.** With "Q and A" the base model refuses most forbidden questions. Nobody tuned it: one page in a
# hundred of its pretraining is such a question with a [refusal](../glossary.md#refusal), and nothing else. The
# examples, two of them refusals, take that away again. They make it a longer page, and on the longer question pages of
# the village nobody refuses. So "a base model refuses" and "a base model does not refuse" are both true, and the prompt
# decides.
#
# ## Choose on one half, report on the other
#
# Who tries five prompts and reports the best score on the same cases reports luck as well. The lab chooses on
# validation cases and reports test cases, in other phrasings. This is what the mistake would have been worth, in the
# recorded models.

# %% name="choosing"
from labs.measured_gap import recording
from labs.measured_gap.equivalent import in_thousands

rows = []
for size in recording.sizes():
    gains = [recording.optimism(name, size) for name, one in ABILITIES.items() if one.pages is None]
    chosen = ", ".join(sorted(set(recording.chosen("known", size))))
    rows.append([in_thousands(size), chosen, 100 * sum(gains) / len(gains), 100 * max(gains)])
columns = ["Base model", "Chosen for known facts, three seeds", "Too high on average, points", "At most, points"]
Table(columns, rows, f"Recorded by “{recording.found().command}”: had the prompt been chosen on the test cases")

# %% [markdown]
# **What to notice.** The sum of such small gifts goes to one side only: chosen on the test cases, no score is ever
# lower. The more prompts are tried and the fewer cases there are, the larger the gift.
#
# ## Read off a size
#
# All sizes read the same pages for the same number of steps, and were tuned on the same dialogues. Choose another
# measure or another small model.

# %% name="over-size"
from labs.measured_gap.pictures import size_chart

name, small = "refuses", 137_480
print(recording.found().command, recording.found().versions, recording.found().configuration["constants"], sep="\n")
size_chart(name, small)

# %% [markdown]
# **What to notice.** The equivalent size is where the base models' line meets the level of the small tuned model.
# Between two sizes we go along a straight line over log(size). Beyond the largest there is nothing to read off.

# %% name="equivalents"
from labs.measured_gap.pictures import equivalents_table

without = tuple(name for name in ABILITIES if name != "refuses")
for words, names in (("all nine", tuple(ABILITIES)), ("all but refusing", without)):
    print(f"average of {words}: {recording.equivalent_on_average(names, small)}")
equivalents_table(small)

# %% [markdown]
# **What to notice.** Read the rows before the average. To stop, the smallest base model with our stop rule is about
# enough. To refuse, no base model in range comes near. But look at the next row: the small tuned model hardly answers
# innocent look-alikes, and a much smaller base model answers as many. For facts, too, its own base model, well
# prompted, tells more than the tuned one does.
#
# The average makes one size of all this: about the small model's own, as if tuning had done nothing. That is true of
# none of the rows. Leave out refusing, and it falls. So an "equivalent size" belongs to a measure, a prompt and a set
# of cases, and "none in range" is a result.
#
# ## The formula, against the measured curve
#
# The popular argument says `score = k · log(parameters)` and takes one measured model. Here we do have the others.
# From the model of 52 thousand parameters, what does the formula say about the largest?

# %% name="formula"
import math

measure = recording.AVERAGE
here, there = recording.sizes()[1], recording.sizes()[-1]
seen, came = (recording.score(size, "base", measure).mean for size in (here, there))
for words, unit in (("single parameters", 1), ("thousands", 1000), ("tens of thousands", 10_000)):
    predicted = seen * math.log(there / unit) / math.log(here / unit)
    print(f"counted in {words:17} {seen:.0%} at {in_thousands(here)} -> {predicted:.0%} at {in_thousands(there)}")
print(f"measured{came:43.0%} at {in_thousands(there)}")

# %% [markdown]
# **What to notice.** Three units, three forecasts from one measurement. A formula whose answer depends on the unit is
# wrong, and if one of the units comes close, that is luck. What we did above needs no formula: it stays between
# measured sizes, and ratios of sizes are the same in any unit.
#
# ## Try it yourself
#
# ```exercise
# name: measured_gap
# ```
#
# ## What to notice
#
# - As the panel is set, the shipped base model with its best prompt comes close to the tuned ones nearly everywhere,
#   and is ahead of them on facts of people whom no dialogue names. Choose "bare question" or "chat markup" instead, and
#   most of its bars are gone. Much of a measured gap can be the gap between two prompts.
# - What is left for tuning here: no prompt is needed, no stop rule either, forbidden topics are refused in other words
#   too, and `chat` is not rude. For who uses a model, that is a great deal.
# - `sft` is rude as often as its helpers were, so a well-prompted base model does better on that row. DPO mended it.
# - The recorded models are younger: all have read about a seventh of what the shipped ones read. Sums and patterns are
#   hardly above guessing at any size. Where the small tuned model may only have guessed, its share says nothing about
#   size, and the table says so.
#
# ## Why it happens
#
# The base model was trained on pages with questions and answers, so answering is in it, beside much else. A prompt
# selects it. Tuning makes the selection permanent: after it, the plain question in chat markup is enough. That is a
# change of habits, and a small model learns habits quickly. What it knows grows with its size and with what it has
# read, and 300 steps on dialogues add little to that. They can also cost something: a small model that is just
# learning a new form gets some facts wrong that it tells rightly in the old one.
#
# So the rows are not on one scale. Refusing gives "none in range", stopping "at most" the smallest size, and known
# facts a size below the tuned model's own. A formula that turns one into the other has nothing to stand on.
#
# Nor is "none in range" a law of size. The largest recorded base model hardly refuses with any prompt. The shipped one
# has the same size and more reading, and refuses most forbidden topics as "Q and A": you saw it in the first cell. At
# this size reading was missing, and not parameters.
#
# ## At full scale
#
# - Labelers preferred the tuned model of 1.3 billion parameters to the base model of 175 billion on instructions
#   ([Ouyang 2022](../sources.md#ouyang-2022)). That is one row, preference. It does not say that the small one knows
#   as much. There, too, the large one with a few-shot prompt was compared separately.
# - Large base models follow examples in the prompt better than ours. With a system prompt and a few examples some came
#   close to their tuned versions ([Lin 2023](../sources.md#lin-2023)).
# - Larger models usually read more as well. Ours all read the same, so size alone differs. What is known to grow
#   smoothly with size is the loss ([Kaplan 2020](../sources.md#kaplan-2020)); whether a score jumps or glides depends
#   on how it is counted ([Schaeffer 2023](../sources.md#schaeffer-2023)).
# - Our sizes lie within a factor of about thirty, with three seeds each, one learning rate and one set of pages. The
#   village's pages hold refusals and transcripts; with others the base models would have other prompts to use.
#
# ## Questions to think about
#
# 1. A report says "our 8B model equals a 70B base model". Which prompt, which stop rule and which cases do you ask for?
# 2. Your average rises by ten points. How would you find out whether one measure rose by ninety?
# 3. A base model with a good prompt equals the tuned one on every measure that you have. What would still make you
#    tune?
