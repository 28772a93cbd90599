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
# # The preference nudge
#
# After [SFT](../glossary.md#sft) a model can answer in many ways. People say which of two answers they like better, and
# training moves the model that way. [RLHF](../glossary.md#rlhf) first teaches a
# [reward model](../glossary.md#reward-model) from such choices, then the model from the reward model.
# [DPO](../glossary.md#dpo) goes straight from the choices to the model.
#
# Here you are the rater. Choose the better reply, choose the method, and press *Apply preference update* a few times.
# In the mode *real model* each press is a true gradient step on all weights of the
# [pocket model](../guides/pocket_model.md). The *cartoon* has one number in a model's place, and its displays say so.
#
# ```lab
# name: preference_nudge
# ```
#
# P(A) and P(B) are what the model would do if A and B were its only replies: the softmax over the log-probabilities of
# the two whole replies. They do not start at 50/50, because the model already has an opinion.
#
# ## The cartoon's rule
#
# The cartoon is one number θ, the log-odds of your reply against the other. It starts at 0, which is 50/50. DPO moves
# it by `4 · β · σ(−βθ)`: that is the gradient of `ln σ(βθ)`. RLHF moves a reward model's margin ρ by `0.5 · σ(−ρ)`, and
# then θ by `4 · P(A) · P(B) · (ρ − βθ)`, the gradient of the expected reward less its
# [KL penalty](../glossary.md#kl-penalty). The 4, the 0.5 and the start are set by hand.

# %% name="cartoon"
from labs.preference_nudge.lab import cartoon

print("updates   DPO  RLHF    (P of the reply that you prefer)")
for dpo, rlhf in zip(cartoon("DPO", "A", 20, beta=0.1), cartoon("RLHF", "A", 20, beta=0.1), strict=True):
    if dpo.update % 4 == 0:
        print(f"{dpo.update:7} {dpo.p_a:5.0%} {rlhf.p_a:5.0%}")

# %% [markdown]
# A cartoon has two replies and nothing else. A real model has as many as there are texts, and what one of them gains
# some other has to lose.
#
# ## The real thing, DPO
#
# The reference is the model before the first update. So the first loss is ln 2 = 0.693, whatever the model thinks of
# A and B: DPO counts only what is *gained* since then.

# %% name="dpo"
from labs.core.contract import Table
from labs.preference_nudge.lab import Nudge, corpus_pairs

pairs = corpus_pairs()
pair = pairs["polite or rude"]
print("prompt:", pair.messages[-1].content)
print("     A:", pair.chosen)
print("     B:", pair.rejected)

dpo = list(Nudge(pair, "A", "DPO", beta=0.1, learning_rate=3e-5).readings(8))
Table(
    ["Update", "P(A)", "ln p(A)", "ln p(B)", "Loss", "Weight", "The model writes"],
    [
        [
            r.update,
            f"{r.p_a:.1%}",
            f"{r.logps[0]:.2f}",
            f"{r.logps[1]:.2f}",
            f"{r.loss:.3f}",
            f"{r.weight:.2f}",
            r.reply,
        ]
        for r in dpo
    ],
    "DPO on one pair, preferring A",
)

# %% [markdown]
# The last column is what the model writes by itself, greedily. It need not be A or B. The pair speaks of two replies,
# and the model is free to move to a third one that nobody rated.
#
# ## The same with RLHF
#
# RLHF asks the reward model. Where that does not side with you, its head first learns your choice with the
# Bradley–Terry loss, until it gives your reply 2 points more. Then both replies get their advantage: reward, less β
# times how far they have moved from the reference, less the mean of the two.

# %% name="reward-model"
rows = []
for name, each in pairs.items():
    for preferred in "AB":
        found = Nudge(each, preferred, "RLHF", 0.1, 3e-5).judgement
        rows.append(
            [f"{name}: you prefer {preferred}", f"{found.shipped_margin:+.1f}", found.steps, f"{found.margin:+.1f}"]
        )
Table(
    ["Pair and choice", "Margin as shipped", "Steps of its head", "Margin after"],
    rows,
    "What the reward model thinks of your choice: above 0 it agrees",
)

# %% name="two-methods"
rlhf = list(Nudge(pair, "A", "RLHF", beta=0.1, learning_rate=3e-5).readings(8, all_replies=False))
for one, other in zip(dpo, rlhf, strict=True):
    print(f"update {one.update}: P(A) {one.p_a:6.1%} by DPO, {other.p_a:6.1%} by RLHF")

# %% [markdown]
# The two columns hardly differ. With one pair, both methods push in the same direction, *A up and B down*, and differ
# only in how hard: DPO by β · σ(−margin), RLHF by what the reward still exceeds the price by. AdamW then divides a
# gradient by its own recent size, which hides most of that. The difference shows later: with β = 1, RLHF
# stops where the price has used up the reward, and DPO never quite stops. Set beta to 1 in the panel and see.
#
# ## Where the probability goes
#
# Now a higher learning rate, twenty updates, and one question: does the reply that you prefer become likelier?

# %% name="displacement"
from labs.preference_nudge.lab import displaced

for name, each in pairs.items():
    path = list(Nudge(each, "A", "DPO", beta=0.1, learning_rate=1e-4).readings(20, all_replies=False))
    first, best, last = path[0].logps[0], max(r.logps[0] for r in path), path[-1].logps[0]
    print(f"{name}: margin {path[-1].margin:+.1f}, ln p(A) {first:.2f} → {best:.2f} at best → {last:.2f} at the end")
    print(f"   {'displaced: less likely than before' if displaced(path, 'A') else 'likelier than before'}")
    print(f"   the model now writes: {path[-1].reply}")

# %% [markdown]
# The margin grows every time. The preferred reply's own probability rises first, then slips back in some of the pairs,
# and it may end below where it began. That is *likelihood displacement*
# ([Razin 2024](../sources.md#razin-2024)): DPO raises the margin, and no part of its loss asks for more than that.
#
# ## Try it yourself
#
# ```exercise
# name: preference_nudge
# ```
#
# ## What to notice
#
# - The loss starts at ln 2 and the weight at 0.5 for every pair, because policy and reference are the same.
# - If you prefer the rude or the wrong reply, the model follows you just as readily. A method for preferences knows
#   nothing of good and bad: that is in the choices.
# - At the highest learning rate, twenty updates on one pair can leave the model writing nonsense, while its loss on the
#   pair is close to 0.
#
# ## Why it happens
#
# The gradient of both methods is a weight times ∇(ln π(preferred) − ln π(other)). For DPO the weight is β · σ(−margin)
# ([Rafailov 2023](../sources.md#rafailov-2023)): large while the order is wrong, small once it is right. In a policy
# gradient it is the advantage ([Williams 1992](../sources.md#williams-1992)). The difference of two log-probabilities
# can grow in two ways, and to make the other reply unlikely is often the easier one. What the other reply loses goes
# to *all* texts, the preferred one among them.
#
# The two replies are given here, so that you can compare the methods on one pair. RLHF proper lets the model write the
# replies itself, and so it judges what the model really does.
#
# ## At full scale
#
# - Nobody trains on one pair. InstructGPT's reward model learned from about 33,000 prompts whose replies were ranked
#   ([Ouyang 2022](../sources.md#ouyang-2022)), and each step averages over many pairs, so that no single one breaks the
#   model. The course's `chat` model learned from a few thousand.
# - Raters disagree, and a pair may be labelled the other way round tomorrow.
# - The reward model is trained whole, not only its head, and it may be wrong in ways that a policy finds and exploits
#   ([Gao 2022](../sources.md#gao-2022)).
# - Displacement has been seen to matter: in one study refusals fell from 74.4% to 33.4%
#   ([Razin 2024](../sources.md#razin-2024)). A common cure, which the course's own `chat` model uses, adds the
#   preferred reply's own loss.
#
# ## Questions to think about
#
# 1. You prefer a reply because it is polite, but it is also longer. What has the model learned from your choice?
# 2. The reward model disagreed with you and was then taught to agree. Whose values does the final model have?
# 3. How would you notice, without reading every reply, that training has moved the model to a third reply that nobody
#    rated?
