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
# # The scale of the data
#
# [Pretraining](../glossary.md#pretraining) reads trillions of [tokens](../glossary.md#token). [SFT](../glossary.md#sft)
# takes thousands of dialogues, and preference training as many comparisons. How large is that step? Two things get
# in the way of an answer: an axis that can't show both, and units that are not the same.
#
# The panel shows published figures beside those of our own [pocket model](../guides/pocket_model.md). Switch the axis,
# then the unit.
#
# ```lab
# name: data_scale
# ```
#
# Published figures carry their date and source. Ours are counted: the rows that training read, which are steps times
# batch from the files of our checkpoints, repeats included. Pages that SFT reads again beside its dialogues are left
# out. [The lifecycle](lifecycle.py) counts the same rows. Tokens are counted by drawing a few hundred dialogues and
# pairs from the data.
#
# ## On a linear axis
#
# How wide would a picture have to be, for each bar to get one pixel? Say, with 4 pixels a millimetre.

# %% name="pixels"
from labs.core.contract import Table
from labs.data_scale.lab import pocket, published, words

llama = [amount for amount in published() if amount.model == "Llama 2 70B"]
longest = max(amount.number for amount in llama)
Table(
    ["Stage", "Number", "Unit", "Pixels for this bar to get one", "Metres"],
    [[a.stage, words(a.number), a.unit, words(longest / a.number), f"{longest / a.number / 4000:,.1f}"] for a in llama],
    "Llama 2 70B on a linear axis",
)

# %% [markdown]
# Everything but pretraining vanishes. That is no fault of the picture. It is the message: on any axis that shows
# pretraining in proportion, the data of the other stages are too few to be seen. A logarithmic axis makes them visible,
# and takes something away: a bar's length now depends on where the axis begins, and "twice as long" no longer means
# twice as much.
#
# ## What is one example in tokens?
#
# A dialogue is not a token, and a comparison is neither. Here is what they come to in our own data.

# %% name="lengths"
from labs.data_scale.lab import count_lengths

lengths = count_lengths()
print(f"a dialogue: {lengths.dialogue} tokens, of which the loss scores {lengths.scored}")
print(f"a comparison: {lengths.comparison} tokens, its prompt read twice")

# %% [markdown]
# So three numbers can stand for one dialogue: 1, all its tokens, and the tokens that the loss scores. Say which you
# mean.
#
# ## Does the step depend on the unit?
#
# Reports rarely say how long their examples are. So assume a length, and change the assumption.

# %% name="assumption"
from labs.data_scale.lab import in_tokens

rows = []
for assumed in (100, 500, 2000):
    pretraining, sft, preferences = (amount.number for amount in in_tokens(llama, lengths, assumed))
    rows.append(
        [assumed, words(sft), f"{pretraining / sft:,.0f}", words(preferences), f"{pretraining / preferences:,.0f}"]
    )
Table(
    [
        "Tokens an example",
        "SFT, tokens",
        "Pretraining is × SFT",
        "Preferences, tokens",
        "Pretraining is × preferences",
    ],
    rows,
    "Llama 2 70B, at three assumed lengths",
)

# %% [markdown]
# The assumption changes the numbers twentyfold and the conclusion not at all. That is how a guess may be used: where
# the answer does not hang on it.
#
# ## Data and parameters
#
# More data than what? One measure is tokens of pretraining for each [parameter](../glossary.md#parameter).

# %% name="per-parameter"
from labs.core.model.checkpoint import load_checkpoint
from labs.core.published import REPORTS

sizes = {r.model: (r.parameters, r.tokens) for r in REPORTS if r.parameters and r.tokens}
own = sum(weights.size for weights in load_checkpoint("base").model.params.values())
sizes["our pocket model"] = (own, pocket()[0].number)
Table(
    ["Model", "Parameters", "Tokens", "Tokens a parameter"],
    [[model, words(n), words(d), f"{d / n:,.0f}"] for model, (n, d) in sizes.items()],
    "Tokens of pretraining, for each parameter",
)

# %% [markdown]
# By this measure the pocket model is nothing odd, though it is smaller than the others by factors of hundreds and more.
# Small models that are meant to be used are pretrained on far more than large ones, for each parameter: training is
# paid once, and a small model is cheap every time that it answers.
#
# ## Try it yourself
#
# ```exercise
# name: data_scale
# ```
#
# ## What to notice
#
# - On a linear axis only pretraining is left.
# - In tokens or in examples, SFT and preferences are a small part of the data. They decide how the model behaves all
#   the same: the [base model](../glossary.md#base-model) and the [assistant](../glossary.md#assistant) differ by these
#   few.
# - Two models' example counts can be compared only if an example is the same thing in both.
#
# ## Why it happens
#
# Pretraining has to teach a language and what is written in it, from text that exists in any amount. SFT teaches how to
# answer with what is already there. Many of its examples were written or checked by people, which takes time and money.
# To say which of two answers is better takes less of both than to write one, so there are often more comparisons.
#
# ## At full scale
#
# - Published counts differ in what they count: prompts at InstructGPT ([Ouyang 2022](../sources.md#ouyang-2022)),
#   annotations at Llama 2 ([Touvron 2023](../sources.md#touvron-2023)), rows at Tülu 3
#   ([Lambert 2024](../sources.md#lambert-2024)). Others were written by models, as Alpaca's were
#   ([Taori 2023](../sources.md#taori-2023)).
# - Few data do not mean little computing: reinforcement learning reads little and writes much. Its replies stand in no
#   data set.
# - The pocket model's dialogues come from a program, which is why there are so many for so small a model.
#
# ## Questions to think about
#
# 1. A report says "trained on 2 million examples". What would you have to ask before you compare it with another?
# 2. Which of the two axes would you put on a poster, and what would you write beside it?
# 3. If a few thousand dialogues decide how a model behaves, who should be able to read them?
