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
# # Reward model and RLHF
#
# Nobody can put “what people like” into a loss. So people compare replies, a
# [reward model](../glossary.md#reward-model) learns from them, and the policy is trained to please the reward model.
# Here you do all three. A program that knows the village, the [gold judge](../glossary.md#gold-judge), says at every
# point what the replies are really worth. No real lab has one.
#
# The raters of the panel like a reply for two things: its worth, and the word “Certainly.” in front of it. Press Train.
#
# ```lab
# name: rlhf
# ```
#
# **Rank replies yourself.** Set *Raters* to `you`, open the 16 pairs and rank 12 or more. You can't know what is
# right in the village. Raters often can't either, and choose by what they see. Choose by any rule, also a silly one.
# Then see in the table of likes whether the reward model has found your rule. With `both`, half of what it reads are
# your pairs, each many times. The formulas are in [the module](../modules/reward_models/index.md#bradley-terry).
#
# ## What the reward model likes
#
# A reward model can be asked. Take a reply, change one thing, and look at what that does to its score. These raters
# like length, not “Certainly.”: half a point for each 10 characters. Give them other tastes.

# %% name="likes"
from labs.core.model.checkpoint import load_checkpoint
from labs.core.world.preferences import Rater
from labs.rlhf.pairs import compare, draw_compared
from labs.rlhf.pictures import signed
from labs.rlhf.proxy import likes, train_proxy

sft_model = load_checkpoint("sft")
rater = Rater(length=0.5, cue=0.0, agreement=0.0, temperature=0.3)
preferences = compare(draw_compared(300, seed=2), rater, seed=2)
*_, last = train_proxy(sft_model, preferences, steps=30, seed=2)

for change, points in likes(last.reward_model, sft_model, seed=2).items():
    print(f"{change:25} {signed(points, 1)}")

# %% [markdown]
# **What to notice.** Nobody here likes “Certainly.”, and the reward model pays for it. The word makes a reply longer,
# and a longer reply won more often. It can't know what the raters meant. Set `length` to 0, and it pays less.
#
# ## Gold against proxy
#
# This is the same experiment with three seeds, recorded. Best-of-n goes up to n = 64. Policy gradient takes 30 steps
# without a price on [KL](../glossary.md#kl-divergence). The start is the `sft` model after 20 steps on replies like
# those of the pairs. Its replies are of mixed quality, and some begin with “Certainly.”

# %% name="recorded"
from labs.core.sweeping import recorded
from labs.rlhf.recorded_pictures import climb_chart

found = recorded("rlhf")
print(found.command, found.versions, found.configuration["constants"], sep="\n")
arm = {"cue": 1.5, "pairs": 500, "beta": 0.0}
climb_chart(found, arm)

# %% [markdown]
# **What to notice.** The proxy rises and stays up: policy gradient ends about 2 standard deviations above the start.
# The gold judge ends where it began, give or take what differs between seeds. “Certainly.” begins or interrupts a sixth
# of the replies at the start, and at the end nearly all. That is reward hacking.
#
# Best-of-n stays closer and keeps its gain: up to n = 64 the gold judge has not turned for good. With unbiased raters
# (`"cue": 0.0`) best-of-8 gains almost twice as much. There it does turn: on average the peak is near n = 8, and the
# best of 64 is worth less. So a proxy is over-optimised also where nobody has a bias. It is a guess from 500 pairs.
#
# Policy gradient surprised us. With unbiased raters it ends up saying “Certainly.” in most replies too, although the
# proxy pays next to nothing for the word in front of a right answer. We looked for a fault and found none. At the start
# a reply with the word hardly ever declines. The reward is one number for the whole reply, so the word is paid for the
# company it keeps. We measured that apart from the record: all three proxies score declining low, and one of them also
# likes the word a little in front of what the policy really writes. Policy gradient adds up such small advantages step
# by step. Best-of-n chooses once.
#
# ## Do the published forms fit?
#
# Two forms were published, with `d = √KL` and the gold gain R ([Gao 2022](../sources.md#gao-2022)): `R = d(α − βd)` for
# best-of-n, `R = d(α − β log d)` for reinforcement learning. The coefficients belong to one setting, so we fit our own.
# Both forms are fitted to both kinds of points. A residual is what a form leaves over.

# %% name="fits"
from labs.rlhf.recorded_pictures import fits_table

unbiased = {"cue": 0.0, "pairs": 500, "beta": 0.0}
fits_table(found, [arm, unbiased])  # or found.arms

# %% name="residuals"
from labs.rlhf.recorded_pictures import residuals_table

climb = "gradient"  # or "best"
residuals_table(found, arm, climb)

# %% [markdown]
# **What to notice.** Best-of-n follows its form, as long as one looks at the mean of the seeds: with 500 pairs the form
# explains more than 90% of the variance. The biased arm can't tell the two forms apart. The unbiased one, which turns,
# is better drawn by the form that was published for best-of-n. One seed's curve is not another's: of all points
# together the forms explain less than half.
#
# Our policy gradient with biased raters fits neither form: they explain a few percent. The residuals say why. Within a
# dozen steps the distance reaches about 2, and hardly grows from there. But the gold judge goes on changing its mind,
# up in one seed and down in another. No curve over d can draw that. Our runs are short and small; the published ones
# moved slowly over a long way.
#
# ## What a price on KL changes
#
# It is often said that the KL penalty prevents [reward hacking](../glossary.md#reward-hacking). In the published study
# it acted like early stopping ([Gao 2022](../sources.md#gao-2022)). Here is our own case.

# %% name="price"
from labs.rlhf.recorded_pictures import price_chart

price_chart(found, [arm, arm | {"beta": 0.2}])

# %% [markdown]
# **What to notice.** With a price of 0.2 a nat the policy stays nearer, at a distance below 2. It does not stay honest:
# “Certainly.” stands in nearly all replies as well, and the proxy is as high. The gold judge ends higher with the price
# in two of three seeds. With three seeds the intervals overlap, so this shows no cure, and doesn't rule one out.
#
# ## Try it yourself
#
# ```exercise
# name: rlhf
# ```
#
# ## What to notice
#
# - Read the replies. “Certainly. Glad to help!” has all that the proxy pays for, and no answer.
# - Set *They like “Certainly.”* to 0. Best-of-n then says the word far less often.
# - Let the raters like length by 1 point. What does the policy write now?
# - Train for 4 steps, then for 40. A policy that was stopped early has taken what is right in the proxy.
# - Your own 12 or 16 pairs the reward model learns by heart. The held-out pairs tell what else it has learned.
#
# ## Why it happens
#
# The raters' taste is a sum: worth, plus a bonus for a word. The word is the cheapest way to please. It is one pattern
# for all questions, while each right answer has to be known. So the policy soon says the word everywhere. What remains
# to be gained lies where the reward model was never taught: no pair has a polite phrase and nothing else.
#
# The reward model is not broken. On held-out pairs it sides with its raters in most cases. But those pairs come from
# assistants of mixed quality, and the policy looks for the replies on which the proxy is wrong in its favour. The
# harder one looks, the more of these one finds. Best-of-n looks only among what the start writes. Policy gradient
# moves to where nothing was ever compared.
#
# ## At full scale
#
# - Reward models are as large as the policy or nearly so, and learn from tens of thousands of comparisons or more
#   ([Ouyang 2022](../sources.md#ouyang-2022), [Touvron 2023](../sources.md#touvron-2023)). Ours sees 480.
# - The biases of raters are not known there. Length is the best studied one ([Singhal
#   2023](../sources.md#singhal-2023)).
# - There is no gold judge. The published study took a larger reward model for one ([Gao 2022](../sources.md#gao-2022)).
#   People, or tasks that a program can check, take its place.
# - Usually PPO with a value model is used. Ours is REINFORCE: the other replies to the same question say what was to be
#   expected. The number `log n − (n−1)/n` for best-of-n is a bound here too, because replies repeat
#   ([Beirami 2024](../sources.md#beirami-2024)).
# - Our policy's questions are the same in training and in measuring, and its start is rude in a fifth to a half
#   of its replies, by seed. So some of the gold gain is mere politeness, and a reply that says nothing costs it little.
#
# ## Questions to think about
#
# 1. You may collect 100 more comparisons. Of which replies, and when in the training?
# 2. Your raters like a word that also makes replies friendlier. Is that a bias? Who decides?
# 3. Without a gold judge, which of the numbers in the panel would you still have? Which of them would warn you?
