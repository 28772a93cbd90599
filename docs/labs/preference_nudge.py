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
# In the mode *real model* each press is a plain gradient step on all weights of the
# [pocket model](../guides/pocket_model.md): weights −= rate · gradient. The *cartoon* has one number in a model's
# place, and its displays say so.
#
# ```lab
# name: preference_nudge
# updates: 4
# ```
#
# Four updates were applied when this page was built; *Start again* goes back to none. P(A) and P(B) are what the model
# would do if A and B were its only replies: the softmax over the log-probabilities of the two whole replies. The real
# model's do not start at 50/50, because it already has an opinion.
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
# A and B: DPO counts only what is *gained* since then. A step is as long as the rate times the gradient, and the
# gradient has the weight σ(−margin) in it: as the margin grows, the steps get shorter.

# %% name="dpo"
from labs.core.contract import Table
from labs.preference_nudge.lab import Nudge, corpus_pairs

pairs = corpus_pairs()
pair = pairs["polite or rude"]
print("prompt:", pair.messages[-1].content)
print("     A:", pair.chosen)
print("     B:", pair.rejected)

dpo = list(Nudge(pair, "A", "DPO", beta=0.1, learning_rate=0.003).readings(8))
Table(
    ["Update", "P(A)", "ln p(A)", "ln p(B)", "Loss", "Weight", "Step length", "The model writes"],
    [
        [
            r.update,
            f"{r.p_a:.1%}",
            f"{r.logps[0]:.2f}",
            f"{r.logps[1]:.2f}",
            f"{r.loss:.3f}",
            f"{r.weight:.2f}",
            f"{r.step:.2g}",
            r.reply,
        ]
        for r in dpo
    ],
    "DPO on one pair, preferring A",
)

# %% [markdown]
# The last column is what the model writes by itself, greedily. It need not be A or B. The pair speaks of two replies,
# and the model is free to move to a third one that nobody rated. Here it does: B's rude ending became unlikely, and
# another rudeness, which the pair does not mention, came up instead.
#
# ## The same with RLHF
#
# RLHF asks the reward model. Where that does not side with you, its head first learns your choice with the
# Bradley–Terry loss, until it gives your reply 2 points more. Then both replies get their advantage: reward, less β
# times how far they have moved from the reference, less the mean of the two. The larger it is, the longer the
# step.
#
# Rewards are points, not log-probabilities, so RLHF gets a learning rate of its own: a tenth of DPO's. With a reward
# margin of 2 and DPO's beta at 0.1, both first steps are then equally long.

# %% name="reward-model"
rows = []
for name, each in pairs.items():
    for preferred in "AB":
        found = Nudge(each, preferred, "RLHF", 0.1, 0.003).judgement
        rows.append(
            [f"{name}: you prefer {preferred}", f"{found.shipped_margin:+.1f}", found.steps, f"{found.margin:+.1f}"]
        )
Table(
    ["Pair and choice", "Margin as shipped", "Steps of its head", "Margin after"],
    rows,
    "What the reward model thinks of your choice: above 0 it agrees",
)

# %% name="two-methods"
rlhf = list(Nudge(pair, "A", "RLHF", beta=0.1, learning_rate=0.003).readings(8, all_replies=False))
for one, other in zip(dpo[:5], rlhf, strict=False):
    print(f"update {one.update}: P(A) {one.p_a:6.1%} by DPO, {other.p_a:6.1%} by RLHF")
print(f"RLHF's first step is {rlhf[1].step / dpo[1].step:.2f} times as long as DPO's")

# %% [markdown]
# The first steps of both methods point the same way, *A up and B down*. They differ in length. DPO starts every pair
# with the same weight. RLHF's grows with the reward margin, and here the reward model is sure of itself. Where it had
# to be taught your choice first, its margin is 2.0 to 2.4, and the first steps are about equally long.
#
# ## What beta does
#
# In DPO, beta scales the margin, and with it the gradient: ten times the beta is a first step of ten times the length.
# In RLHF, beta is a price. At the start nothing was moved, so the first step is the same for every beta. From the
# second step on the price counts, and where it has used up the reward the gradient is 0. DPO's weight is never 0,
# though after one long step it can be too small to move anything.

# %% name="beta"
for name, each in pairs.items():
    for preferred in "AB":
        dpo_end, rlhf_end = (
            list(Nudge(each, preferred, method, beta=1.0, learning_rate=0.003).readings(20, all_replies=False))[-1]
            for method in ("DPO", "RLHF")
        )
        earned = Nudge(each, preferred, "RLHF", 1.0, 0.003).judgement.margin
        print(f"{name}, you prefer {preferred}: reward {earned:.1f}, margin {rlhf_end.margin:.1f} by RLHF, ", end="")
        print(f"{dpo_end.margin:.1f} by DPO")

# %% [markdown]
# RLHF's margin ends at the reward, for every pair and choice. How it gets there is another matter. A step that is too
# long goes past the reward, and the next ones come back. In *refuse or comply*, where one reply is next to impossible
# for the model, the gradients are by far the longest. Its steps overshoot so far that the model is broken when
# it arrives: right margin, nonsense for a reply. (Set beta to 1 in the panel and read what *the model writes*.)
# A single number that is as it should be says little about a model.
#
# ## Where the probability goes
#
# Now the highest learning rate, twenty updates, and one question: does the reply that you prefer become likelier?

# %% name="displacement"
from labs.preference_nudge.lab import displaced

for name, each in pairs.items():
    path = list(Nudge(each, "A", "DPO", beta=0.3, learning_rate=0.01).readings(20, all_replies=False))
    first, last = path[0], path[-1]
    best = max(r.logps[0] for r in path)
    print(f"{name}: margin {last.margin:+.1f}, {'A is displaced' if displaced(path, 'A') else 'A is likelier'}")
    print(f"   ln p(A) {first.logps[0]:.2f} → {best:.2f} at best → {last.logps[0]:.2f}", end="")
    print(f", ln p(B) {first.logps[1]:.1f} → {last.logps[1]:.1f}")
    print(f"   the model now writes: {last.reply}")

# %% [markdown]
# The margin grows every time, and most of it is B going down. In three pairs A rises, and in two of them it slips
# back a little while B goes on falling. In one pair A ends below where it began, though it gained on B all the same.
# That is *likelihood displacement* ([Razin 2024](../sources.md#razin-2024)): DPO raises the margin, and no part of its
# loss asks for more than that.
#
# Here it takes a step that is too long: a gradient says what happens near the place where it was taken. With beta 0.1
# and the default learning rate, all four preferred replies become likelier. Change both in the cell and see.
#
# ## Try it yourself
#
# ```exercise
# name: preference_nudge
# ```
#
# ### The loss of a reward model
#
# RLHF's reward model learns from the same pairs, with the Bradley–Terry loss. It is short to write, and a float is
# easily too small for it.
#
# ```exercise
# name: preference_nudge.bradley_terry
# ```
#
# ### How far from the reference
#
# Both methods stay near the reference: RLHF pays a KL penalty, and DPO has it built in. In training nobody can sum over
# all texts, so the distance is estimated from samples ([Schulman 2020](../sources.md#schulman-2020)).
#
# ```exercise
# name: preference_nudge.kl_to_reference
# ```
#
# ### The best of n replies
#
# A reward model can also be used with no training at all. This exercise picks the best of n replies, and says how far
# that takes the result from the model that wrote them ([Gao 2022](../sources.md#gao-2022)).
#
# ```exercise
# name: preference_nudge.best_of_n
# ```
#
# ## What to notice
#
# - The loss starts at ln 2 and the weight at 0.5 for every pair, because policy and reference are the same.
# - If you prefer the rude or the wrong reply, the model follows you just as readily: DPO's first step is as long, in
#   the opposite direction. A method for preferences knows nothing of good and bad: that is in the choices.
# - With beta 1 and the highest learning rate, twenty updates by DPO on *refuse or comply* leave the model writing
#   nonsense, while its loss on the pair is close to 0.
# - In *refuse or comply* B starts so far behind that DPO's defaults leave P(A) near 100% even if you prefer B. Look at
#   ln p(B): it has risen a great deal.
#
# ## Why it happens
#
# The gradient of both methods is a weight times ∇(ln π(preferred) − ln π(other)). For DPO the weight is β · σ(−margin)
# ([Rafailov 2023](../sources.md#rafailov-2023)): large while the order is wrong, small once it is right. In a policy
# gradient it is the advantage ([Williams 1992](../sources.md#williams-1992)), here half of it, as a mean over two
# replies. The difference of two log-probabilities
# can grow in two ways, and to make the other reply unlikely is often the easier one. What the other reply loses goes
# to *all* texts, the preferred one among them.
#
# The two replies are given here, so that you can compare the methods on one pair. RLHF proper lets the model write the
# replies itself, and so it judges what the model really does.
#
# ## At full scale
#
# - Nobody steps like this. Real trainings clip long gradients, and AdamW divides a gradient by its own recent size.
#   With one pair both would hide the weight that you see here. With many pairs the weight decides which of them count
#   most.
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
