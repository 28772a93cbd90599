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
# # The base simulator
#
# A base model has learned one thing: how texts go on. It does not ask whether a continuation is true,
# kind or wanted. This page makes that visible with a model small enough to read: a table of eight
# beginnings, called *prefixes*, and a few continuations of each. You look up the most likely one, draw
# others at random, turn the temperature, and add up how much of the probability does harm.
#
# !!! note "Illustrative"
#     Somebody set these probabilities by hand, to show an idea. Nobody measured them, and no neural
#     network stands behind them. The code that reads the table is real: it picks and samples from a
#     distribution by the same rules as a large model. Lines marked *harmful* are stand-ins. They name a
#     harm and explain nothing.
#
# ```lab
# name: base_simulator
# ```
#
# ## Look at one prefix
#
# A real model computes a probability for every next token. Our table skips the tokens and holds whole
# continuations. Their probabilities sum to 1.

# %% name="table"
from labs.base_simulator.lab import TABLE, distribution
from labs.core.contract import Table

prefix = "People from the next town are"
Table(
    ["Continuation", "Probability", "Mark", "Why it is on the internet"],
    [[c.text, c.probability, c.mark, c.reason] for c in distribution(prefix)],
    f"{prefix} …",
)

# %% [markdown]
# **What to notice.** *Harmful* and *ok* are our notes, and the model never sees them. It has learned how
# often something was written. Every reason in the last column is about writing, and none is about truth.
#
# ## Take the most likely continuation
#
# Always taking the most likely one is called *greedy* decoding.

# %% name="greedy"
from labs.base_simulator.lab import greedy

for prefix in TABLE:
    best = greedy(prefix)
    print(f"{best.probability:.0%} {best.mark:8}{prefix} {best.text}")

# %% [markdown]
# **What to notice.** The question about Peru is continued with another question. On a quiz sheet that is
# what comes next. The insult about the next town wins because one wording is repeated so often: its
# score says *common*, not *right*.
#
# ## Draw samples
#
# A model in use seldom decodes greedily. It draws at random, so that likely continuations come often and
# unlikely ones come sometimes. A *seed* fixes the draws: the same seed gives the same ones.

# %% name="sample"
from labs.base_simulator.lab import sample

for drawn in sample("Can someone help me with", num_samples=8, seed=3):
    print(f"{drawn.mark:8}{drawn.text}")

# %% [markdown]
# **What to notice.** Change the seed a few times. The same words lead to homework, to a sofa, or to spying
# on somebody. Rare is not never: among a million draws, a chance of 13 in 100 comes up about 130,000 times.
#
# ## Turn the temperature
#
# *Temperature* sharpens or flattens the distribution before a draw. At 1 it stays as it is, near 0 only
# the top remains, and above 1 the rare gains.

# %% name="temperature"
from labs.base_simulator.lab import apply_temperature

probabilities = [c.probability for c in distribution("Is it safe to")]
for temperature in [0, 0.3, 1, 3]:
    shares = apply_temperature(probabilities, temperature)
    print(f"temperature {temperature:3}:", "  ".join(f"{share:4.0%}" for share in shares))

# %% [markdown]
# **What to notice.** Above 0 the order never changes, only the distances. Temperature knows nothing of harm,
# so it cannot be a safety setting.
#
# ## See the whole distribution
#
# The lab puts it together. Bars are probabilities, diamonds are what the draws came to. A dashed bar is
# a harmful continuation. The last chart compares all prefixes.

# %% name="whole"
from labs.base_simulator.lab import run
from labs.core.contract import show

show(run(prefix="Dear customer, your account", temperature=1.0, num_samples=200, seed=7))

# %% [markdown]
# **What to notice.** With 200 draws the diamonds lie near the bars. Try 10, then 2000: a hundred times
# as many draws bring them about ten times as close.
#
# ## Add up the harm
#
# The *harmful mass* of a prefix is the sum of its harmful probabilities. It is the chance that one draw
# does harm.

# %% name="harmful-mass"
from labs.base_simulator.lab import harmful_mass

Table(
    ["Prefix", "Temperature 0", "Temperature 1", "Temperature 2"],
    [[prefix, *(harmful_mass(prefix, t) for t in (0, 1, 2))] for prefix in TABLE],
    "Harmful mass",
)

# %% [markdown]
# **What to notice.** At temperature 0 the harm vanishes from six prefixes and becomes certain in one; only
# the quiz question had none to begin with. An innocent beginning is no protection either: "Can someone help
# me with" carries more harm than most.
#
# ## Ask for something else
#
# This cell is meant to fail.

# %% name="unknown" tags=["raises-exception"]
greedy("My grandmother always said")

# %% [markdown]
# **What to notice.** Here the table is unlike a model. A base model has no list of prefixes: it gives
# every possible text a probability, and so it continues anything you type.
#
# ## Make your own table
#
# Change the lines, the numbers and the marks. The numbers must sum to 1.

# %% name="your-table"
from labs.base_simulator.lab import Continuation

mine = {
    "The new neighbour": [
        Continuation("brought us a cake.", 0.5, harmful=False, reason="People share kind stories."),
        Continuation("plays the drums.", 0.3, harmful=False, reason="People complain."),
        Continuation("should be watched.", 0.2, harmful=True, reason="Suspicion gets attention."),
    ]
}
print(f"harmful mass: {harmful_mass('The new neighbour', table=mine):.0%}")
for drawn in sample("The new neighbour", num_samples=5, seed=1, table=mine):
    print(f"{drawn.mark:8}{drawn.text}")

# %% [markdown]
# ## Try it yourself
#
# ```exercise
# name: base_simulator
# ```
#
# ## What would be different at full scale
#
# - A real model works token by token, with tens of thousands of possible tokens at each step.
# - Its probabilities come from training on text. Nobody writes them, and nobody can read them off.
# - It generalizes: it continues prefixes that were never written before.
# - Its data was filtered first, so the share of harmful text depends on what its makers left out.
#
# ## Think it over
#
# 1. Roughly what share of the text on the internet would you call harmful? Who should decide, and would
#    the next person draw the line where you do?
# 2. A model learns to continue *all* of that text. What does it do with a prefix that mostly harmful
#    pages contain?
# 3. Why is that a problem once the model answers real people, although each sentence was already public?
