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
# # The lifecycle
#
# An assistant is made in stages. [Pretraining](../glossary.md#pretraining) makes a reader of texts,
# [SFT](../glossary.md#sft) a reader that answers, and preference tuning, here [DPO](../glossary.md#dpo), one that
# answers as people like it. A [reward model](../glossary.md#reward-model) is a side branch: it scores replies and
# writes none.
#
# Step through the stages of our own [pocket model](../guides/pocket_model.md). At each you see what goes in, what
# the real checkpoints make of the same question, which problem remains, and what it all took. In what they write, `⏎`
# is a line break.
#
# ```lab
# name: lifecycle
# ```
#
# Losses of different stages can't be compared: each counts other tokens, and a preference loss counts pairs.
# Minutes are those of the machine that trained the models. Texts, rows and tokens were counted, to six digits, by
# `python -m labs sweep lifecycle`. A *row* is what training reads at once: a window of pages, a dialogue or a pair.
# Rows are counted with their repeats, so they can be more than the data has texts, or fewer. SFT also goes on reading
# pages, in a quarter of each batch, to keep what pretraining taught. These are no rows of its data, and their tokens
# are counted apart.
#
# ## Step through by code

# %% name="steps"
from labs.lifecycle.lab import STAGES, replies

question = "How do I wake a cat?"
for stage in STAGES:
    if stage.checkpoint == "reward":
        continue
    print(f"after {stage.name}:")
    for reply in replies(stage.checkpoint, question, temperature=0.7, seed=1):
        print("   ", reply)

# %% [markdown]
# The same weights, nudged twice. Ask something else, such as `"How do I wake the dragon?"`, which is forbidden in
# the village.
#
# ## Let the reward model judge
#
# The side branch gives a number to any reply that ended. Only differences between numbers mean something.

# %% name="reward"
from labs.core.contract import Table
from labs.lifecycle.lab import scored

answers = [
    "Call it softly and wait.",
    "Call it softly and wait. Glad to help!",
    "Call it softly and wait. You fool.",
    "Sorry, I cannot help with that.",
    "cat cat cat Glad to help!",
]
scores = scored(question, answers)
Table(["Reply", "Score"], [[a, round(s, 1)] for a, s in zip(answers, scores, strict=True)], question)

# %% [markdown]
# Try replies that no rater ever saw. A reward model is right about what its pairs showed, and beyond that it
# guesses.
#
# ## Count what it takes
#
# Training takes about 6 operations for each [parameter](../glossary.md#parameter) and token that is read ([Kaplan
# et al. 2020](../sources.md#kaplan-2020)). This counts the training of our own checkpoints.

# %% name="compute"
from labs.lifecycle.lab import cost, training_flops

for stage in STAGES:
    took = cost(stage)
    flops = training_flops(took.parameters, took.tokens)
    print(f"{stage.name:18}{took.parameters:,} parameters, {took.tokens:>10,} tokens: {flops:.2g} FLOPs")
    if took.replayed:
        print(f"{'':18}of which {took.replayed:,} are tokens of pages, read again")

# %% [markdown]
# It is a count of what the formula counts. DPO also runs its reference model once over each pair, and generating
# text takes 2 for each parameter and token.
#
# ## Compare with published models
#
# Here stand published counts beside ours. Reports count the examples of a data set. So does our first line; our
# second counts the rows that training read, as [the scale of the data](data_scale.py) does. An empty place means that
# the report does not say.

# %% name="published"
from labs.core.published import REPORTS


def full(count: float | None) -> str:
    return "" if count is None else f"{count:.3g}" if count >= 1e9 else f"{count:,.0f}"


base, sft, chat = (cost(stage) for stage in STAGES[:3])
rows = [
    ["ours, in the data set", "", full(sft.texts), full(chat.texts)],
    ["ours, read", full(base.tokens), full(sft.rows), full(chat.rows)],
]
rows += [[r.model, full(r.tokens), full(r.sft_examples), full(r.comparisons)] for r in REPORTS]
Table(["Model", "Pretraining, tokens", "SFT, examples", "Preference data, comparisons"], rows, "Data of each stage")

# %% [markdown]
# Tokens and examples are different units: an SFT example has tens to thousands of tokens. Our tuning is large
# beside our pretraining because that is so small.
#
# ## Try it yourself
#
# ```exercise
# name: lifecycle
# ```
#
# ### From operations to a bill
#
# The operations are known. What they cost depends on how busy the GPUs are kept, and on what an hour of one costs.
#
# ```exercise
# name: lifecycle.flops_and_cost
# ```
#
# ## What to notice
#
# - Every stage begins where another ended. No stage changes the architecture: the number of parameters is the same
#   in every row.
# - Each stage solves the problem of the one before and leaves one of its own. At “preference tuning” the table
#   shows what was lost with the rudeness.
# - The reward model starts from the SFT model, as in [InstructGPT](../sources.md#ouyang-2022), and the assistant
#   does not contain it. DPO needs none.
#
# ## Why it happens
#
# Pretraining has by far the most text, so it decides what a model knows. It says nothing of who speaks to whom.
# SFT shows that with far less text: the loss is the same, on the assistant's words alone. Its limit is that it
# copies its examples, good and bad alike. A comparison needs nobody who can write the ideal answer, only somebody
# who sees which of two is better. That is why preferences come last: they choose among what the model can already
# say.
#
# ## At full scale
#
# - InstructGPT's SFT and PPO took 1.8% of the compute of GPT-3's pretraining, not counting the reward model and
#   the labelers ([Ouyang et al. 2022](../sources.md#ouyang-2022)). For DeepSeek-V3 it was 0.2% ([DeepSeek-AI
#   2024](../sources.md#deepseek-2024)). Our own share is many times larger, as the chart shows. A share tells of
#   one budget, and is no law.
# - The stages repeat. Llama 3 went through six rounds of SFT and DPO ([Grattafiori et al.
#   2024](../sources.md#grattafiori-2024)). Reinforcement learning with verifiable rewards is often a further
#   stage, and its share grows.
# - Nobody has a program that knows the right answer to everything. The measured rows in the panel are exact only
#   because the village is invented.
#
# ## Questions to think about
#
# 1. At which stage would you add a fact that the model should know, and at which a tone that it should have?
# 2. The SFT data here hold rude replies. Why not simply leave those out, and when can't one?
# 3. A report states that post-training took 1% of the compute. What would you ask before you believe that it is
#    cheap?
