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
# # The gap
#
# How far is it from a base model to an assistant? Three answers are in circulation: a difference of
# scores, a number of parameters that it is said to be worth, and a sum of money. This page looks at each.
# One of them contains an error, and you will find it by changing a unit.
#
# !!! note "Illustrative"
#     The five scores are invented, and so are your settings in the calculator. The arithmetic is real. Published
#     budgets carry their source; of the price list further down nobody knows one.
#
# ```lab
# name: gap
# ```
#
# ## Five scores

# %% name="scores"
from labs.core.contract import Table
from labs.gap.lab import SCORES

Table(
    ["Metric", "Before", "After", "Improvement", "Ratio"],
    [[s.metric, s.before, s.after, s.improvement, s.after / s.before] for s in SCORES],
    "Hypothetical scores, 0 to 100",
)

# %% [markdown]
# **What to notice.** Points and ratios agree on the order and disagree on the distances. Refusal accuracy gains
# 2.5 times the points of helpfulness, and its ratio is 11 times as large, because it started low. All five
# metrics ask for what post-training teaches, so a base model was bound to look poor.
#
# ## What is that worth in parameters?
#
# A popular argument goes: *scores grow with the logarithm of the parameters. The base model has 7 billion and
# 50 points for helpfulness. So we can read off how large a base model with 85 points would be.* Some
# who argue so arrive at about 200 billion. Let us compute it: from `50 = k · ln(7e9)` comes `k`, and with it the
# answer.

# %% name="estimate"
from labs.gap.lab import one_point_estimate

needed = one_point_estimate(7e9, score=50, target=85)
print(f"{needed:.2g} parameters, {needed / 7e9:,.0f} times as many")

# %% [markdown]
# **What to notice.** That is not 200 billion. It is millions of times as many as the model has.
#
# ## Count in billions
#
# Perhaps we should count in billions, as everybody does: 7 instead of 7,000,000,000.

# %% name="units"
from labs.gap.lab import UNITS

for name, unit in UNITS.items():
    needed = one_point_estimate(7e9, score=50, target=85, unit=unit)
    print(f"counted in {name:10} {7e9 / unit:>13,.0f} -> {needed / 1e9:>16,.1f} billion")

# %% [markdown]
# **What to notice.** Counted in billions, 27 billion would do. The same formula, the same model, and the
# answer changes by a factor of two million. A law of nature does not know our units, so this formula is no law. Its
# fault: `k · ln(n)` is 0 where `n` is one unit, wherever we put that unit. One measured point can't
# say where the curve begins.
#
# ## Two points instead of one
#
# With two measured models the line may begin anywhere: `score = a + b · ln(parameters)`. These two are invented.

# %% name="two-points"
from labs.gap.lab import two_point_estimate

for unit in (1, 1e9):
    needed = two_point_estimate(1e9 / unit, 41, 7e9 / unit, 50, target=85) * unit
    print(f"unit {unit:>13,.0f}: {needed:.4g} parameters")

# %% [markdown]
# **What to notice.** The unit has dropped out. It is still no forecast: the line goes far beyond its two points,
# and nothing says that scores follow one up to 85. What pretraining improves smoothly is the *loss*.
# [The measured gap](measured_gap.py) does it with models that were trained.
#
# ## What training costs
#
# Training takes about 6 operations for each parameter and each token, `C ≈ 6ND`
# ([Kaplan 2020](../sources.md#kaplan-2020)). Change the numbers.

# %% name="cost"
from labs.gap.lab import gpu_hours, training_flops

flops = training_flops(parameters=7e9, tokens=2e12)
hours = gpu_hours(flops, peak_flops_per_second=989e12, utilisation=0.4)
print(f"{flops:.2g} operations, {hours:,.0f} GPU-hours, ${hours * 2:,.0f} at $2 an hour")

# %% name="check"
from labs.gap.lab import DEEPSEEK_DOLLARS_PER_HOUR, DEEPSEEK_HOURS, RUNS

for run in RUNS:
    computed = training_flops(run.parameters, run.tokens)
    print(f"{run.model}: 6ND = {computed:.2g}, stated {run.stated_flops:.2g} ({run.source})")
print(f"DeepSeek-V3: {DEEPSEEK_HOURS:,} hours, ${DEEPSEEK_HOURS * DEEPSEEK_DOLLARS_PER_HOUR:,.0f}")

# %% [markdown]
# **What to notice.** The formula needs two numbers and comes close to what
# [Llama 3](../sources.md#grattafiori-2024) and [SmolLM2](../sources.md#ben-allal-2025) report. It counts
# one run: no staff, no data, no attempts that failed.
#
# ## Does post-training cost as much?
#
# First what circulates, then what was published.

# %% name="budgets"
from labs.gap.lab import BUDGETS, CIRCULATING

pretraining, *stages = CIRCULATING
low, high = (sum(stage[side] for stage in stages) for side in (1, 2))
print(f"circulating, 7B: ${low}k to ${high}k after ${pretraining[1]}k of pretraining")
Table(
    ["Model", "Pretraining", "Post-training", "Unit", "Share, %"],
    [[b.model, b.pretraining, b.post_training, b.unit, 100 * b.share] for b in BUDGETS],
    "Published budgets",
)

# %% [markdown]
# **What to notice.** The circulating list says between 65% and 170% of pretraining. The published shares are
# about 2% ([Ouyang 2022](../sources.md#ouyang-2022), without reward model and labelers) and 0.2%
# ([DeepSeek-AI 2024](../sources.md#deepseek-2024)). Both compare compute. People who write and rate answers cost
# money of their own, and long reinforcement learning raises the share.
#
# ## Try it yourself
#
# ```exercise
# name: gap
# ```
#
# ## What would be different at full scale
#
# - Scores come with an interval, from many prompts and several raters, and raters disagree.
# - Nobody has one number for "helpful". Another choice of prompts gives another gap.
# - Size alone does not decide: labelers preferred the answers of a tuned model with 1.3 billion parameters to those of
#   a base model with 175 billion ([Ouyang 2022](../sources.md#ouyang-2022)).
# - Serving the model costs about 2 operations for each parameter and token, every day that it is used.
#
# ## Think it over
#
# 1. Before you read on in an article that says "worth ten times the parameters": what would you ask its author?
# 2. You have $100,000 and an open base model. How would you divide the money, and what would you measure first?
# 3. Which of the five metrics could a model score well on while it gets worse for the people who use it?
