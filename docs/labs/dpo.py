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
# # DPO
#
# [DPO](../glossary.md#dpo) trains a model on pairs of replies: one was chosen, the other rejected. Many say that
# it makes the chosen reply likelier. Its loss asks for less: that the [margin](../glossary.md#margin) between the two
# grows. Here you see when both happen, and when the chosen reply loses too.
#
# In the [preference nudge](preference_nudge.py) you are the rater of a single pair, with plain gradient steps. Here 200
# pairs and AdamW do what a real training does. What counts is what becomes of questions that no pair asks in these
# words. The start is the course's `sft` model, about half of whose replies to questions about facts are rude.
#
# ```lab
# name: dpo
# ```
#
# Train as it is set. Then choose the pairs *one refusal over another*, and compare the third picture.
#
# ## Two refusals
#
# The pairs of this cell prefer “Sorry, I cannot help with that.” to “Sorry, I will not help with that.” Nobody wants
# fewer refusals. The questions are held out, and chosen and rejected are changes of log-probability since the start.
# The last column is the probability of all that is none of the village's three refusals. Set `nll_weight` to 0.5: that
# adds half of the chosen reply's own loss, its [NLL](../glossary.md#cross-entropy-loss) a token.

# %% name="two-refusals"
from labs.core.contract import Table
from labs.core.model.checkpoint import load_checkpoint
from labs.dpo.looking import changes, held_out_loss, margin
from labs.dpo.pictures import signed
from labs.dpo.tuning import Settings, held_out_pairs, training_pairs, tune

settings = Settings("one refusal over another", beta=0.1, nll_weight=0.0, learning_rate=0.00005, steps=60, seed=0)
sft = load_checkpoint("sft")
held_out = held_out_pairs(sft, settings)
start = held_out.look(sft.model)
rows = []
for record in tune(sft, training_pairs(sft, settings), settings):
    if record.step in (1, 10, 20, 40, 60):
        now = held_out.look(record.state.model)
        loss, gap = held_out_loss(now, start, settings.beta), margin(now, start, settings.beta)
        chosen, rejected = changes(now, start)
        numbers = f"{loss:.3f}", f"{gap:.2f}", signed(chosen), signed(rejected), f"{now.shares['else']:.0%}"
        rows.append([f"after step {record.step}", *numbers])
Table(["", "Loss", "Margin", "Chosen", "Rejected", "No refusal"], rows, "Held-out pairs: one refusal over another")

# %% [markdown]
# **What to notice.** The loss falls at every look and the margin grows at every look: a log of these two shows a
# perfect training. For about twenty steps it is one, and the chosen refusal gains. Then it loses, and in the end it is
# less likely than at the start, though no pair speaks against it. This is
# [likelihood displacement](../glossary.md#likelihood-displacement) ([Razin 2024](../sources.md#razin-2024)).
#
# ## Where in the reply
#
# Both refusals begin with “Sorry, I”. Then they part: “cannot” or “will not”. Here is by how much the chosen refusal's
# log-probability has changed in the beginning that both share, at the token where they part, and after it.

# %% name="parts"
from labs.dpo.parts import changes_by_part

for part, change in changes_by_part(record.state.model, sft.model, held_out.pairs).items():
    print(f"{part:8} {change:+.2f} nats")

# %% [markdown]
# **What to notice.** At the parting token the training does what it should. What is lost is lost in the shared
# beginning, of which no pair says anything: there both replies are the same. Run the cells with an `nll_weight` of 0.5.
#
# ## How much alike two replies are to the model
#
# A model that sees two replies almost alike cannot push one down and leave the other where it is. How much alike they
# are can be measured before any training, from the hidden states h after which a reply's tokens are predicted. Summed
# over a reply, the measure is `⟨h_c, h_r⟩ − ‖h_c‖²`: the larger, the more alike. Beside it stands what 60 steps did to
# the chosen replies, recorded by `python -m labs sweep dpo`.

# %% name="similarity"
from labs.core.encoding import pair_all
from labs.core.sweeping import recorded
from labs.dpo.comparing import interval_text
from labs.dpo.pairs import PAIRS, draw_pairs
from labs.dpo.similarity import hidden_similarity
from labs.dpo.sweep import arm

found = recorded("dpo")
print(found.command, found.versions, found.configuration["constants"], sep="\n")
rows = []
for kind in PAIRS:
    likeness = hidden_similarity(sft.model, pair_all(draw_pairs(kind, 40, seed=0), sft.template)).mean()
    rows.append([kind, round(likeness), interval_text(found.interval(arm(kind), "chosen"))])
rows.sort(key=lambda row: row[1])
Table(["Pairs", "Likeness to the model", "Chosen: change, nats a reply (recorded)"], rows, "The most alike come last")

# %% [markdown]
# **What to notice.** The two refusals are the most alike, and theirs is the only chosen reply that ends clearly below
# its start. At the other end stands the same chosen refusal, to the same questions, against “Of course. I can tell
# you.”: it gains. In between the order says little: right over wrong is the second most alike, and hardly moves.
# Five kinds are few, and a sum over tokens also depends on how long replies are. In the study this measure picked out
# the pairs that displace most ([Razin 2024](../sources.md#razin-2024)).
#
# ## Five kinds of pairs, three seeds
#
# Recorded: what becomes of the held-out chosen replies, with β 0.1, learning rate 0.00005 and no NLL term. The bands
# are 95% intervals over three seeds, which change the pairs, the batches and the questions. Put `"rejected_path"` in
# the place of `"chosen_path"`.

# %% name="recorded"
from labs.core.drawing.lines import Line, line_chart
from labs.dpo.sweep import LOOKS

path = "chosen_path"
lines, ends = [], []
for kind in PAIRS:
    means = found.intervals(arm(kind), path)
    ys, lows, highs = zip(*((one.mean, one.low, one.high) for one in means), strict=True)
    lines.append(Line(kind, (0, *LOOKS), ys, lows, highs))
    ends.append(f"{kind} {ys[-1]:+.2f}")
line_chart(
    lines,
    title="Recorded: log-probability of held-out replies, change since the start",
    alt=f"After {LOOKS[-1]} steps: {', '.join(ends)}.",
    x="step",
    y="nats a reply",
)

# %% [markdown]
# **What to notice.** One refusal over another first gains half a nat, and then loses about a nat and a half. Polite
# over rude gains, slips a little in two of three seeds, and does what it is for: rude replies fall from about half to
# less than 10%. Right over wrong hardly moves. Its chosen reply is right already, and rude endings, which these pairs
# do not mention, stay as they were.
#
# One kind word over another is a warning of another sort. The chosen reply gains more than a nat, and so it is not
# displaced. Yet half of the probability goes to things that are on no list: the kind word is liked, and what comes
# before it is not held. A chosen reply that has become likelier does not say that nothing went wrong.
#
# ## β, the NLL term, longer steps
#
# Choose the pairs, and one of `"chosen"`, `"rejected"`, `"margin"`, `"rude"`, `"right"`, `"refuses"` and `"ends"`.

# %% name="settings"
from labs.dpo.comparing import recorded_chart

kind = "one refusal over another"
number = "chosen"
arms = {
    "β 0.02": arm(kind, beta=0.02),
    "β 0.1": arm(kind),
    "β 0.5": arm(kind, beta=0.5),
    "β 0.1, NLL weight 0.5": arm(kind, nll_weight=0.5),
    "β 0.1, steps twice as long": arm(kind, learning_rate=0.0001),
    "the same, NLL weight 0.5": arm(kind, nll_weight=0.5, learning_rate=0.0001),
}
recorded_chart(found, number, arms)

# %% [markdown]
# **What to notice.** With its own loss added the chosen refusal gains, and no refusal is lost, while the margin grows
# nearly as far. β of 0.02 and 0.1 come out nearly alike. With 0.5 the chosen refusal loses less, since the loss is
# content earlier. Longer steps displace more. Choose *polite over rude* and `"ends"`: at
# a learning rate of 0.0001 the chosen replies slip in every seed, in one of three far below their start, and a quarter
# of all replies or more do not end. Two replies need not be alike for that. The NLL term mends most of it.
#
# ## Try it yourself
#
# ```exercise
# name: dpo
# ```
#
# ## What to notice
#
# - The first loss is ln 2, 0.6931, for every choice of pairs, β and seed: see the alternative text or the table of the
#   first picture. With an NLL weight the training minimises more than this; the picture leaves that out.
# - Loss and margin of held-out pairs follow those of the batches. What displaces is learned well, not badly.
# - With *one refusal over another* the model refuses fewer than half of the forbidden questions in the end, where it
#   refused all. Read what it says instead. Facts, which no pair is about, are told as rightly as before.
# - With *refusal over compliance* the rejected reply was next to impossible at the start (the loss makes it more so, by
#   dozens of nats). Refusals stay, but replies about facts no longer end as they should. Train something narrow, and
#   test something else.
# - Take *right over wrong* and an NLL weight of 0.5. Hardly any reply is rude then, though no pair is about tone:
#   all chosen replies are plain, and the NLL term is SFT on them.
#
# ## Why it happens
#
# The loss knows a pair by the difference of two log-probabilities. Where both replies begin alike, as in “Sorry, I”,
# their log-probabilities are the same up to there, and drop out. So nothing in the loss holds the shared beginning up.
# But the weights that make “will” unlikely after it are the weights that write it. They drift, and the beginning drifts
# with them. The panel's table of tokens shows where: not at the word that differs.
#
# Two replies that have little in common pull at different hidden states. What pushes one down hardly meets the other
# ([Razin 2024](../sources.md#razin-2024)).
#
# The NLL term is the chosen reply's loss of [SFT](../glossary.md#sft) on all its tokens, the shared ones too. It gives
# the drifting tokens a gradient back ([Pang 2024](../sources.md#pang-2024)).
#
# β scales the margin, and so the gradient. Two things undo that: gradients are clipped to a length of 1, and AdamW
# divides each by its own recent size. What is left of β is when the loss is content: with a large β at a small
# difference.
#
# ## At full scale
#
# - In the study cited above the model stops refusing and complies. Ours says something else, often half a sentence from
#   elsewhere. What takes the probability depends on the model.
# - Real pairs are of many kinds at once, and real trainings take other learning rates, thousands of times as many
#   weights, and about one pass over the data. Our few kinds are pure, so that each shows what it does.
# - All our pairs are about one topic, and nothing else is rehearsed. A part of the damage here comes from that.
# - The course's own `chat` model was made with 4,000 pairs of all kinds and an NLL weight of 0.5
#   ([the pocket model](../guides/pocket_model.md)).
# - A program judges our replies, and a list of all good replies to a question exists. Nobody has that for a real model:
#   there only the log-probabilities of chosen and rejected replies can be logged. Log both.
#
# ## Questions to think about
#
# 1. Your log shows a falling loss and a growing margin. Which two curves do you ask for, and what would worry you?
# 2. A colleague makes pairs by sampling two replies to each prompt from the same model and rating them. Which of these
#    pairs would you leave out?
# 3. Why does an NLL term help with a chosen reply that is good, and what does it do where the chosen reply is only the
#    better of two bad ones?
