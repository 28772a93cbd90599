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
# # Verifiable reward
#
# What is 4+8+6? Our `sft` model gets many such two-step sums wrong. Here nobody shows it an answer. It writes several
# replies to each sum, a program checks the last number, and [GRPO](../glossary.md#grpo) makes the replies that passed
# likelier. That is a [verifiable reward](../glossary.md#verifiable-reward): no rater, no
# [reward model](../glossary.md#reward-model). The reply begins with a [think block](../glossary.md#think-block), which
# is sampled and trained like the rest.
#
# ```lab
# name: verifiable_reward
# ```
#
# Questions come from 900 sums of three digits. The curves of right answers are of the other hundred: no dialogue has
# them, and no step here trains on them. Nearly all of them are among the 900 in another order, as 9+2+1 is of 1+2+9. So
# they test new sums, and hardly new sets of digits. "Sampled" is drawn at temperature 1, as in training.
#
# ## One group by hand
#
# A group is the G replies to one prompt. The advantage of a reply is `A_i = (r_i − mean(r)) / std(r)`
# ([Shao 2024](../sources.md#shao-2024)); Dr. GRPO leaves the std out ([Liu 2025](../sources.md#liu-2025)). Change the
# sum or the seed.

# %% name="group"
import numpy as np

from labs.core.contract import Table
from labs.core.model.checkpoint import load_checkpoint
from labs.core.model.sampling import UNCHANGED
from labs.core.training.rlhf import group_advantages
from labs.verifiable_reward.measuring import answer
from labs.verifiable_reward.pictures import in_words
from labs.verifiable_reward.sums import is_solved, sum_tasks

start = load_checkpoint("sft")
(task,) = sum_tasks(((2, 4, 1),), think="open", calculator=False)
turns = answer(start, start.model, [task] * 8, UNCHANGED, seed=0)
rewards = np.array([[float(is_solved(task, turn.reply)) for turn in turns]])
grpo, dr_grpo = (
    group_advantages(rewards, np.zeros_like(rewards), beta=0, method="grpo", scale_rewards=scale)[0]
    for scale in (True, False)
)
Table(
    ["Reply", "Reward", "GRPO", "Dr. GRPO"],
    [
        [in_words(turn, start), int(reward), f"{scaled:+.2f}", f"{plain:+.2f}"]
        for turn, reward, scaled, plain in zip(turns, rewards[0], grpo, dr_grpo, strict=True)
    ],
    f"{task.question} Eight replies of the model at the start, sampled here",
)

# %% [markdown]
# **What to notice.** Every token of a reply gets the reply's advantage, the thought's tokens too. Nobody says which
# step was wrong. If all rewards of a group are equal, every advantage is 0: zero variance, nothing to learn. Try an
# easy sum such as 0, 0, 1, and a hard one such as 9, 8, 7.
#
# ## Which groups teach nothing
#
# The model's own replies to 40 held-out sums, 16 each, cut into groups of different sizes. And from the same replies
# *pass@k*: the share of sums that at least one of k sampled replies solves.

# %% name="zero-variance"
from labs.verifiable_reward.measuring import pass_at
from labs.verifiable_reward.sums import HELD_OUT

tasks = sum_tasks(HELD_OUT[::5] + HELD_OUT[1::5], think="open", calculator=False)
draws = [answer(start, start.model, tasks, UNCHANGED, seed=seed) for seed in range(16)]
solved = np.array([[is_solved(task, turn.reply) for task, turn in zip(tasks, draw, strict=True)] for draw in draws])

for G in (2, 4, 8, 16):
    groups = solved.reshape(16 // G, G, len(tasks))
    none, every = (~groups.any(axis=1)).mean(), groups.all(axis=1).mean()
    passed = np.mean([pass_at(G, 16, int(right)) for right in solved.sum(axis=0)])
    print(f"G = {G:2}: zero variance {none + every:4.0%} (none right {none:4.0%}, all right {every:4.0%})  ", end="")
    print(f"pass@{G}: {passed:.0%}")

# %% [markdown]
# **What to notice.** In a small group most prompts teach nothing. A prompt that is solved with probability p gives such
# a group with the chance `p^G + (1 − p)^G`. Larger groups waste fewer prompts, but for the same number of replies a
# step has fewer of them. The second column is what training can draw on: what is never sampled is never rewarded.
#
# ## With the calculator
#
# In a reply with a [tool call](../glossary.md#tool-calling) somebody else writes too: the calculator, and the template.
# Only the tokens that the model wrote may carry a gradient. This is a sum of big numbers, for which the model calls the
# calculator by itself.

# %% name="tool"
from labs.core.contract import Tokens
from labs.core.drawing.tokens import shown
from labs.core.model.assistant import GREEDY
from labs.core.world.tasks import big_sum_task

(turn,) = answer(start, start.model, [big_sum_task(37, 45)], GREEDY, seed=0)
Tokens(
    shown(turn.ids, start.tokenizer, scored=turn.written),
    title=f"A whole turn: of {len(turn.ids)} tokens the {turn.length} that the model wrote are trained on",
)

# %% [markdown]
# **What to notice.** The result, the markup around it and the header of the next piece count nothing. Were they
# trained on, the model would learn to write the calculator's results itself.
#
# Now choose *offered* in the panel, without a think block. For two-step sums the model never calls: its dialogues never
# did. No reward can make likelier what is never sampled. *Offered and shown* begins with 14 small steps of SFT on 16
# dialogues that call it. After them it calls in roughly a quarter of its replies, and the reward does the rest.
#
# ## Recorded: what helps
#
# One run is an anecdote. This is recorded by `python -m labs sweep verifiable_reward`, three seeds each, 64 replies a
# step.

# %% name="recorded"
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.sweeping import recorded
from labs.verifiable_reward.outcome import arm_name

found = recorded("verifiable_reward")
print(found.command, found.versions, found.configuration["constants"], sep="\n")
bars = []
for arm in found.arms:
    share = found.interval(arm, "sampled", share=True)
    bars.append(Bar(arm_name(arm), share.mean, share.low, share.high))
bars.sort(key=lambda bar: bar.value)
bar_chart(
    bars,
    title="Recorded: sampled replies to held-out sums that are right",
    alt=f"{len(bars)} arms, from {bars[0].label} ({bars[0].value:.0%}) to {bars[-1].label} ({bars[-1].value:.0%}).",
    x="share of replies that are right, mean of three seeds with its 95 % interval",
    domain=(0, 1),
)

# %% [markdown]
# **What to notice.**
#
# - With a think block GRPO lifts the share from about a third to about a half, and every seed gains. Groups of 4, 8 and
#   16 and both advantages end within each other's intervals: three seeds can't tell them apart.
# - Without a think block about one reply in eight is right. Most groups have zero variance, and little is gained.
# - The calculator offered alone changes nothing: no call, in any seed. Once shown, it soon answers nearly every sum.
# - With the lenient checker more replies never close their think block, and fewer are right. The next cell counts.

# %% name="recorded-groups"
from labs.verifiable_reward.sweep import LARGE_RATE, arm

for size in (4, 8, 16):
    nothing = found.intervals(arm(group_size=size), "zero_variance", share=True)
    print(f"G = {size:2}: groups of zero variance", *(f"{share.mean:4.0%}" for share in nothing), "(six steps each)")
for checker in ("strict", "lenient"):
    one = arm(checker=checker, learning_rate=LARGE_RATE)
    for name in ("accepted", "sampled", "unclosed"):
        share = found.interval(one, name, share=True)
        print(f"{checker:7} checker: {name:8} {share.mean:4.0%}  seeds", *(f"{seed:.0%}" for seed in share.by_seed))

# %% [markdown]
# `accepted` is what the lenient checker would take, and pays for. `sampled` is what is right for a reader, and
# `unclosed` what can't be read.
#
# ## Recorded: sharper, or more able?
#
# Did the model learn to add, or to write more often what it could write before? Compare pass@k before and after. A
# model that got sharper gains at k = 1 and not at k = 16.

# %% name="sharper"
from labs.core.drawing.lines import Line, line_chart

KS = (1, 2, 4, 8, 16)
lines = []
for name, one in (
    ("before, thinking", arm(steps=0)),
    ("GRPO, thinking", arm()),
    ("before, no thinking", arm(think="absent", steps=0)),
    ("GRPO, no thinking", arm(think="absent")),
):
    shares = found.intervals(one, "pass_at", share=True)
    lines.append(Line(name, KS, [s.mean for s in shares], [s.low for s in shares], [s.high for s in shares]))
first, last = lines[0].ys, lines[1].ys
line_chart(
    lines,
    title="Recorded: pass@k on held-out sums, with 95 % intervals between three seeds",
    alt=(
        f"With thinking pass@1 goes from {first[0]:.0%} to {last[0]:.0%} by GRPO, and pass@16 from {first[-1]:.0%} "
        f"to {last[-1]:.0%}."
    ),
    x="k, replies sampled to each sum",
    y="sums with a right reply among k",
    x_domain=(0, 17),
    y_domain=(0, 1),
)

# %% [markdown]
# **What to notice.** With thinking, training lifts pass@1 a lot and pass@16 not at all: in sixteen tries the model
# solved as many sums before. Without thinking pass@16 even falls. Here GRPO made the model sharper, not more able: it
# does more reliably what it did now and then. That is worth much, for a user gets one reply. The calculator is the
# other case: a call was in none of its replies, and had to be shown.
#
# ## Try it yourself
#
# ```exercise
# name: verifiable_reward
# ```
#
# ## What to notice
#
# - The share of right answers among sampled replies grows first and most. The likeliest reply was already better than
#   a sampled one, and gains less. Without thinking it even gets worse, from 23% to 17% in the record.
# - The replies keep their length. Longer thoughts would earn nothing here: two steps are enough for two sums.
# - The tone stays. "You fool." earns what a polite answer earns, because the checker reads one number.
# - Set the checker to *lenient*, the learning rate to 0.0003, and G and P to 8. Try the seeds 0, 1 and 2. In some runs
#   the model stops closing its think block altogether. It still adds there, the last number counts, and the user sees
#   no answer at all.
# - Set the learning rate to 0.001. The first steps ruin the model. Soon no reply is right, every group has zero
#   variance, and the reward has nothing left to say.
# - Set G to 2. Most groups teach nothing. Set P to 1: each step follows one sum, and the curve shakes.
# - β is 0 as the panel is set. A price on distance makes the groups of zero variance move too, back to where the
#   model began.
#
# ## Why it happens
#
# The gradient is that of `−A_i log π(reply_i)`, summed over the reply's tokens. So a reply that did better than its
# siblings becomes likelier, and one that did worse less likely. That moves probability among replies that the model
# writes already. It needs at least one right and one wrong reply in a group. Where no reply is ever right, or no call
# is ever written, there is nothing to move to.
#
# The division by std makes all groups count alike: one right reply of four gets +1.73, and three of four get +0.58
# each. Without it, an even group counts most.
#
# The checker is all that the training knows of arithmetic. What the checker accepts by mistake is as good as right.
# The strict one reads what a user sees; the lenient one was written in a hurry and takes the last number anywhere.
#
# ## At full scale
#
# - GRPO comes from a model for mathematics ([Shao 2024](../sources.md#shao-2024)). Tülu 3 ends with reinforcement
#   learning on verifiable rewards ([Lambert 2024](../sources.md#lambert-2024)).
# - DeepSeek-R1-Zero began from a base model with no SFT, R1 with some SFT first, as our calculator does. Their
#   reasoning grew longer in the course of training ([DeepSeek-AI 2025](../sources.md#deepseek-2025)). Ours does not.
# - The original objective also divides by a reply's length, which Dr. GRPO drops too
#   ([Liu 2025](../sources.md#liu-2025)). Here losses are summed over tokens in both: the two differ in the std alone.
# - Large runs take many updates from prompts far more varied than 900 sums. A few dozen steps on one kind of question
#   say little about them, and our pass@k says nothing about other models.
#
# ## Questions to think about
#
# 1. Which groups would you leave out when you choose tomorrow's prompts, and what would you lose?
# 2. A test suite is a checker for code. How could a policy pass it without solving the task?
# 3. The model now writes its best answer more often. When is that as good as a new skill, and when not?
