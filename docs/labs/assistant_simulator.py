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
# # The assistant simulator
#
# The [base simulator](base_simulator.py) continues whatever you begin. Here are the same beginnings after
# post-training. Nothing was forbidden: some texts were rewarded, so they became likely, and a refusal is
# one of those texts. Beside it stands a filter, which forbids. Popular writing often calls both "refusing".
# This page takes them apart.
#
# !!! note "Illustrative"
#     Somebody set the probabilities and the rewards by hand, to show an idea. Nobody measured them, and no
#     neural network stands behind them. The rule that turns rewards into probabilities is real, and so is
#     what a filter does to a distribution. Lines marked *harmful* name a harm and explain nothing.
#
# ```lab
# name: assistant_simulator
# ```
#
# ## Before and after
#
# A base model gives some probability to replies too: here 2% for the three that we list, together.
# Post-training rewards and punishes, and charges for every step away from the base model. The best
# trade has a formula: the new probability is the old one times `exp(reward / β)`, all divided by their
# sum ([Ziegler 2019](../sources.md#ziegler-2019)).

# %% name="before-after"
from labs.assistant_simulator.lab import after, before
from labs.core.contract import Table

prefix = "The easiest way to open a"
Table(
    ["Line", "Kind", "Reward", "Before", "After"],
    [
        [old.text, old.kind, old.reward, old.probability, new.probability]
        for old, new in zip(before(prefix), after(prefix), strict=True)
    ],
    f"{prefix} …",
)

# %% [markdown]
# **What to notice.** The harmless continuations lose a good deal of probability although nobody punished
# them: all lines share 1, and the replies took most of it. Those replies are longer and warmer. People
# rated such replies higher, so training made them likely.
#
# ## A refusal is text that the model prefers

# %% name="refusals"
from labs.assistant_simulator.lab import TABLE, mass

Table(
    ["Prefix", "Harmful before", "Harmful after", "Refusal before", "Refusal after"],
    [
        [prefix, *(mass(row(prefix), kind) for kind in ("harmful", "refusal") for row in (before, after))]
        for prefix in TABLE
    ],
    "Probability of harm and of a refusal",
)

# %% [markdown]
# **What to notice.** Harm has become rare, and not one of its probabilities is 0, apart from the quiz
# question, which had no harm to begin with. Even there a refusal keeps a trace of probability. To refuse
# something harmless is called *over-refusal*, and it comes from the same rewards as the refusals we want.
#
# ## A filter is something else
#
# Now take the base model and a list of forbidden phrases, and set to 0 whatever contains one.

# %% name="zeroed"
from labs.assistant_simulator.lab import is_blocked, zeroed

prefix = "Is it safe to"
row = before(prefix)
for line in row:
    print("blocked" if is_blocked(line.text) else "       ", f"{line.kind:8}{line.text}")
print(f"\nsum before: {mass(row):.3f}, sum after: {mass(zeroed(row)):.3f}")

# %% [markdown]
# **What to notice.** The row no longer sums to 1, so it is no distribution. In almost a third of the
# draws nothing would come. The list has also blocked a harmless question, because it contains *password*.
# After "The easiest way to open a" it even blocks the refusal, which names what it refuses. A filter reads words.
#
# ## Repair the row
#
# *Renormalising* divides what is left by its sum. Ratios stay as they were.

# %% name="repaired"
from labs.assistant_simulator.lab import renormalised

repaired = renormalised(zeroed(row))
print(f"sum: {mass(repaired):.3f}")
for line in repaired:
    print(f"{line.probability:6.1%}  {line.text}")

# %% [markdown]
# **What to notice.** The sum is right again, and the model still doesn't help and doesn't say no: it goes on
# with the continuations that are left. No kindness was learned, because nothing was learned.
#
# ## Slip past it
#
# Put the prefix into a story, and let the harm be worded otherwise. The list holds none of those words.

# %% name="framed"
from labs.assistant_simulator.lab import framed_prefix

print(framed_prefix("People from the next town are"), "…\n")
rows = [
    [prefix, mass(zeroed(before(prefix)), "harmful"), *(mass(row, "harmful") for row in framed)]
    for prefix in TABLE
    if mass(before(prefix), "harmful")
    for framed in [(zeroed(before(prefix, framed=True)), after(prefix, framed=True))]
]
Table(["Prefix", "Filter", "Filter, framed", "Post-trained, framed"], rows, "Probability of harm")

# %% [markdown]
# **What to notice.** The filter falls from perfect to useless. The post-trained model is weakened too:
# we set its rewards to grip less on a framing that is rare in its training. Learned refusals can be circumvented, and
# they degrade rather than break. Many systems use both.
#
# ## Try it yourself
#
# ```exercise
# name: assistant_simulator
# ```
#
# ### Measure refusals from both sides
#
# Whatever makes a model refuse, it has to be measured on prompts that should be refused and on prompts that should
# not.
#
# ```exercise
# name: assistant_simulator.refusal_evaluation
# ```
#
# ## What would be different at full scale
#
# - Probabilities belong to tokens. No list of whole replies exists, and the sum over all texts can't be computed.
# - The rewards come from a model trained on human comparisons, and it errs
#   ([Ouyang 2022](../sources.md#ouyang-2022)). The formula above is what training aims at, not what it reaches.
# - Base models already refuse some harmful requests ([Kissane 2024](../sources.md#kissane-2024)), more than our
#   small share here suggests.
# - Filters in use are often classifiers: models that read text and give a score. They too can be slipped past.
#
# ## Think it over
#
# 1. How would you build refusals: with rewards, with a filter, or with both? Who writes the list, and who sees it?
# 2. Would a framing trick work against people who rate replies? What would you show them?
# 3. How would you measure whether a model is well aligned? Which number on this page would you trust least?
