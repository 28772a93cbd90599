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
# # The alignment tax
#
# A model that learns one narrow thing pays for it with others. That is an [alignment
# tax](../glossary.md#alignment-tax), and its cause is [catastrophic
# forgetting](../glossary.md#catastrophic-forgetting). Here you tune the [base model](../glossary.md#base-model) on
# dialogues of one kind, and watch at the same time what you buy and what it costs: the loss on held-out pages and the
# skill of learning from examples. Then pages of [pretraining](../glossary.md#pretraining) come back, for a few steps.
#
# ```lab
# name: alignment_tax
# ```
#
# Run it as it is first. Then choose a remedy, one at a time, and leave the rest alone:
#
# - *replay*: a share of every batch is pages of pretraining, with pretraining's own loss;
# - *KL on pages*: the same pages, and the loss on them is KL(base‖model), the
#   [KL divergence](../glossary.md#kl-divergence) from the base model's predictions;
# - *KL on replies*: the same distance, measured on the tokens of the replies;
# - *LoRA*: a small correction to fixed weights ([LoRA](../glossary.md#lora)). Set the learning rate to 0.004 with it.
#
# ## What each remedy buys and costs
#
# One run is an anecdote. This is recorded by `python -m labs sweep alignment_tax`, with three seeds for each remedy.
# Change `kind` to `"refusals"`.

# %% name="recorded"
from labs.alignment_tax.recorded_pictures import recorded_chart, remedies_table
from labs.core.contract import display
from labs.core.sweeping import recorded

kind = "facts"
found = recorded("alignment_tax")
display(recorded_chart(kind, found))
remedies_table(kind, found)

# %% [markdown]
# **What to notice.** Up is cost, to the right is what was bought.
#
# - **Pages in the training pay nearly all of the tax.** With a quarter of pages it is a tenth or less, and the facts
#   are learned almost as well. KL on pages does best. It asks for more than replay: not only the word that came, but
#   every word that the base model found likely.
# - **KL on the replies pulls at the wrong place.** With weight 0.1 it halves the tax. With weight 1 the model has
#   learned next to nothing, and pays all the same: on the replies the base model has other habits, and those are what
#   you want to change.
# - **LoRA learns less and forgets less**, and both grow with the rank. It never ends its turn here;
#   [why](#why-lora-never-stops-here).
# - **A lower learning rate** does as well as many a remedy. Compare 0.0003 with LoRA of rank 4: as much is bought,
#   for a third of the price. With 0.0001 nothing is paid, and in 80 steps little is bought.
# - **Refusals also cost few-shot skill.** After three examples of a relation the base model goes on rightly in nearly
#   all cases. Tuned on refusals without a remedy it does so in about half. With KL on pages it does as before. On
#   average LoRA of rank 4 pays as much of this skill as no remedy does, though its loss on pages rises by less than a
#   third. But its three seeds are far apart. A loss does not tell which skills are behind it.
# - **No remedy here cures over-refusal.** Taught only to refuse, the model declines innocent look-alikes as often as
#   what is forbidden, under every remedy. Pages don't say when not to refuse.
#   [Contrasts](../modules/refusals/index.md#measure-both) do.
#
# ## Which pages pay
#
# The mean hides who pays. Each bar is one kind of page; change `kind` to `"refusals"`.

# %% name="kinds"
from labs.alignment_tax.recorded_pictures import recorded_kinds_chart

kind = "facts"
recorded_kinds_chart(kind, found)

# %% [markdown]
# **What to notice.** Example pages pay most, and that is where few-shot skill comes from. Even pages of sums, talks
# and questions pay, though the dialogues are about just that: what was learned is to say it in chat markup. Mapping
# pages and songs hardly pay. To go on with them takes copying, and that skill stays: four pairs of a fresh mapping
# are continued rightly in nearly all cases under every remedy.
#
# ## Bringing it back
#
# After the narrow training the model reads pages again, 8 stretches of 64 tokens a step, and no dialogue. Two
# controls read the same pages: the base model as it is, and a model that has learned nothing yet.

# %% name="revival"
from labs.alignment_tax.recorded_pictures import revived_skill_chart, revived_tax_chart
from labs.alignment_tax.sweep import CONTROLS
from labs.core.model.checkpoint import load_checkpoint

display(revived_tax_chart(found))
display(revived_skill_chart(found))

first, *_, last = found.intervals(CONTROLS[1], "revive_pages")
print(f"never pretrained: {first.mean:.1f} nats a token above the base model, after the pages {last.mean:.1f}")
made = load_checkpoint("base").meta["configuration"]
print(f"read in pretraining: {made['schedule']['steps'] * made['batch_size'] * made['length']:,} tokens")
print(f"read in the revival: {40 * 8 * 64:,} tokens")

# %% [markdown]
# **What to notice.** Ten steps of pages, 5,120 tokens, bring back most of what the narrow training took. A model that
# has to learn it anew is nowhere near after 40. So little was erased, it seems: most of it was out of reach.
#
# But look at the second chart. Pages alone also take away what was bought. After 40 steps the model tuned without a
# remedy never ends its turn, and knows fewer answers. Tuned with replay it keeps both, for it has learned to do one
# thing in markup and another on pages. So mixing from the start and repairing afterwards don't give the same model.
#
# ## Why LoRA never stops here
#
# In the record LoRA learns what to say, and never ends its turn. Look at what it trains, and at the tokens that no
# page of pretraining has.

# %% name="lora"
import numpy as np

from labs.core.model.lora import Lora

base = load_checkpoint("base")
for rank in (1, 4, 16):
    adapters = Lora(base.model, rank, seed=0).adapters
    trained = sum(array.size for array in adapters.values())
    print(
        f"rank {rank:2}: trains {trained:6,} of {base.model.n_params:,} numbers, embedding: {'embedding' in adapters}"
    )

embedding = base.model.params["embedding"]
unseen = ["<|im_start|>", "<|im_end|>", "<tool_call>", "<think>"]
rows = np.array([embedding[base.tokenizer.special_id(token)] for token in unseen])
rows /= np.linalg.norm(rows, axis=1, keepdims=True)
print("cosines between the embeddings of", *unseen)
print(np.round(rows @ rows.T, 3))

# %% [markdown]
# **What to notice.** LoRA trains the matrices of the blocks. The table of embeddings, which is the output layer too,
# stays fixed. Pretraining never had these tokens as the right answer, so each of its steps pushed all of them the
# same way: their rows point in one direction. A fixed table can't tell `<|im_end|>` from its neighbours, whatever the
# blocks do. We checked that this is the cause: all weights trained but the embedding, and the model never ends its
# turn either (`tests/labs/alignment_tax`).
#
# ## Try it yourself
#
# ```exercise
# name: alignment_tax
# ```
#
# ## What to notice
#
# - In the panel the tax comes early: most of it stands after a few dozen steps, and goes on while there is little
#   left to buy.
# - In the first steps, while the learning rate still rises, the model says the right thing to many questions, does not
#   end, and has paid nothing. Then it loses that, learns to end, and buys the facts back. The tax is paid on this
#   second way.
# - Choose *refusals*. The skill is bought after a handful of steps, for the cheapest way to refuse what is forbidden
#   is to refuse everything. The row of innocent look-alikes tells, and so do the replies: a sum is declined, and a
#   greeting. [Measure both](../modules/refusals/index.md#measure-both).
# - Set the weight of KL on pages to 100. The tax is hardly lower than with 1, and most of the facts are not learned:
#   now the pages outweigh the dialogues.
# - Choose a learning rate of 0.01 without a remedy. Now the skills are gone, copying too, and 30 steps of pages don't
#   bring them back.
# - Small talk has few different dialogues. They are learned by heart, and the tax is as high as that of facts.
#
# ## Why it happens
#
# Nothing in the loss of narrow SFT speaks of pages. The same weights serve both, so a step that helps a reply moves
# the predictions on pages somewhere, mostly to something worse. A remedy has to say what is to stay. Replay says it
# with texts, KL on pages with the base model's predictions on texts, a low rank or a low learning rate only with the
# distance that the weights may go. The first two aim, the others brake.
#
# The revival is fast for the same reason. The narrow training moved the weights a short way in directions that many
# pages disagree with. A few steps of pages push back at once.
#
# ## At full scale
#
# - InstructGPT lost on public tests when it was tuned by RLHF, and mixing pretraining into the updates (PPO-ptx)
#   reduced the losses ([Ouyang 2022](../sources.md#ouyang-2022)). It maximises E[r − β log(π/π_SFT)] + γ
#   E_pretrain[log π], with β = 0.02 and γ = 27.8: a KL on replies and a replay of pages at once.
# - LoRA learns less and forgets less there too ([Biderman 2024](../sources.md#biderman-2024)). When new tokens are
#   added to a model, their embeddings have to be trained besides, as here.
# - Which training one takes matters as well: RLHF carried over to new inputs better than SFT, and lowered diversity
#   ([Kirk 2023](../sources.md#kirk-2023)). This lab measures neither.
# - What a brief training gave, a brief one can take. Further fine-tuning, on harmless data too, can weaken refusals
#   ([Qi 2023](../sources.md#qi-2023)).
# - **What our model can't show.** Its pages are few kinds from a program, so a handful of them stand for all of
#   pretraining: replay is cheaper here than where nobody knows what the pages were. All dialogues are of one kind,
#   where real data are mixed. The base model has no skills, such as reasoning or translating, that could be lost
#   without a trace in the loss. And three seeds tell large effects from none, not one remedy from its neighbour.
#
# ## Questions to think about
#
# 1. You tune an open model whose pretraining data are not public. Which remedies remain, and on which texts would you
#    measure the tax?
# 2. KL(base‖model) on pages costs a second pass through the base model at every step. What does it get for that, which
#    the plain loss on the same pages does not?
# 3. A team repairs a narrow model with some steps of general text, and measures only the loss on text. What do they
#    miss?
