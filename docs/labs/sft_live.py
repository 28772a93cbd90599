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
# # SFT, live
#
# Here you make an assistant. You start from the [base model](../glossary.md#base-model) of this course, which continues
# pages. You choose dialogues for it to learn from, and what of them counts. Then you press Train, and watch a model
# that rambles become one that answers and stops. This is [SFT](../glossary.md#sft): the loss of
# [pretraining](../glossary.md#pretraining), on dialogues.
#
# ```lab
# name: sft_live
# ```
#
# ## Talk to it
#
# The model that you trained last is kept until you reload or close this tab, also while you read other pages. Talk to
# it here. When you train another, it takes its place. On the command line it is `python -m labs run sft_live`, and then
# `python -m labs chat --model mine`.
#
# ```chat
# models: mine
# ```
#
# ## What counts
#
# The model reads the whole dialogue. The *loss mask* says for which tokens it is graded. Change the mask to `all` or
# `no_end`, or draw another dialogue. `·` is a space and `⏎` a line break.

# %% name="mask"
from labs.core.model.checkpoint import load_checkpoint
from labs.sft_live.dialogues import TOPICS, draw_dialogues
from labs.sft_live.pictures import counted_tokens

base = load_checkpoint("base")
topics = tuple(TOPICS)
dialogues = draw_dialogues(500, topics, rude=0.3, seed=0, template=base.template)
counted_tokens(base, dialogues[3], mask="reply")

# %% [markdown]
# **What to notice.** With `reply` the words of the assistant count, and so does the `<|im_end|>` with which it ends its
# turn. The headers do not: the template writes them. With `no_end` one token a reply is missing, and nothing else.
#
# ## How it learns to stop
#
# A model ends its turn because it gives the token `<|im_end|>` a high probability where a reply is over. Here we look
# at that probability now and then in the training, after a whole reply. Change the mask to `no_end`.

# %% name="stopping"
from labs.core.model.chat import Message
from labs.core.model.generation import next_token_distribution
from labs.sft_live.lab import Settings, tune

mask = "reply"
settings = Settings(500, topics, 0.3, mask, learning_rate=0.001, steps=80, seed=0)
question = Message("user", "Where does Mira live?")
reply = Message("assistant", "Mira lives by the cave. Glad to help!")
*before_the_end, end, newline = base.template.render([question, reply]).ids

for record in tune(base, dialogues, settings):
    if record.step % 8 == 0:
        p_end = next_token_distribution(record.state.model, before_the_end)[end]
        print(f"step {record.step:2}  loss {record.loss_nats:.2f}  P(<|im_end|>) {p_end:6.1%}")

# %% [markdown]
# **What to notice.** A few dozen steps do most of it. The base model has never read a dialogue in markup, yet what
# there is to learn about stopping is simple: it is the same in every dialogue. Cut the reply after "cave." and the
# probability stays lower, for there some helpers go on with a kind word, and some with a rude one.
#
# ## What it writes when nobody stops it
#
# An app stops at `<|im_end|>`. Suppose it did not. This model was trained on all tokens.

# %% name="past-the-end"
from labs.core.model.generation import generate

mask = "all"
settings = Settings(500, topics, 0.3, mask, learning_rate=0.001, steps=80, seed=0)
*_, last = tune(base, dialogues, settings)
finished = [*before_the_end, end]
written = generate(last.state.model, finished, max_new_tokens=40, seed=1)
print(base.tokenizer.decode([*finished, *written]))

# %% [markdown]
# **What to notice.** It opens the user's turn, and asks itself something. It was graded for that: users' words are
# words of the dialogue too. Put `reply` in the place of `all`, and what follows the end is noise, because nothing there
# was ever graded.
#
# ## Three masks, three seeds
#
# One run is an anecdote. This is recorded by `python -m labs sweep sft_live`: each mask with three seeds, which change
# the dialogues, the batches and the questions.

# %% name="recorded"
from labs.core.drawing.bars import Bar, bar_chart
from labs.core.sweeping import recorded
from labs.sft_live.lab import MASKS, MEASURES

found = recorded("sft_live")
print(found.command, found.versions, found.configuration["constants"], sep="\n")
bars = []
for name in ("ends", "right", "plays_user", "rude"):
    for mask in MASKS:
        share = found.interval({"mask": mask}, name, share=True)
        bars.append(Bar(MEASURES[name], share.mean, share.low, share.high, group=mask))
bar_chart(
    bars,
    title="Recorded: what each loss mask makes of the base model",
    alt=(
        "Models trained on replies end their turn and do not play the user. Models trained on all tokens end it too, "
        "and go on with a user's turn. Models trained without the end token never end, and are rude sooner or later."
    ),
    x="share, mean of three seeds with its 95 % interval",
    domain=(0, 1),
)

# %% [markdown]
# **What to notice.** Without the end token the model says the right thing about as often. It never stops, and a reply
# that goes on for ever has a rude word in it sooner or later. Grading all tokens costs our model a little of what it
# says right, in as many steps: it has more to learn. This is no law. With long prompts and short replies, or with
# little data, grading the prompts can help ([Shi 2024](../sources.md#shi-2024)).
#
# ## Try it yourself
#
# ```exercise
# name: sft_live
# ```
#
# ## What to notice
#
# - Stopping comes first, and quickly: as the panel is set, the model ends nearly every turn after 25 to 40 steps. Half
#   of its answers or more are right by then. It takes about a hundred steps until nine in ten are.
# - It answers questions in phrasings that no dialogue has. It learned to answer, not a list of answers.
# - Train on 10 dialogues. It still stops, and still tells some facts rightly: those it knows from pretraining. What to
#   refuse, ten dialogues can't teach. Depending on the draw (change the seed) it refuses too much or nothing.
# - Switch refusals off. It then refuses nothing. To what is forbidden it says something, sense or nonsense.
# - The share of rude replies goes in and comes out. SFT copies its helpers, the bad ones too.
# - A learning rate of 0.1 ruins the model. With one of 0.00001 it has not learned to stop after 150 steps: it goes on
#   as a page would.
#
# ## Why it happens
#
# The base model already knows the village, and how questions and answers look on a page. What it lacks is a reason to
# answer *here*: in markup that it has never read, most things are about equally likely. A few hundred dialogues move
# probability to one of them. The loss is the same as before, `−log p` of the next token, and only the mask is new.
#
# A token that is not graded is not left alone. The model writes something there all the same, and nobody has said what.
# So one missing `<|im_end|>` gives a model that never stops. No error message points at this fault: the loss that you
# watch falls all the same, because it leaves out what is missing.
#
# ## At full scale
#
# - InstructGPT's SFT took about 13 thousand demonstrations ([Ouyang 2022](../sources.md#ouyang-2022)), Llama 2's
#   27,540 ([Touvron 2023](../sources.md#touvron-2023)). Ours are shorter, and come from a program.
# - There, too, a good part of what SFT changes is style ([Lin 2023](../sources.md#lin-2023)), and new facts are learned
#   slowly, with a price ([Gekhman 2024](../sources.md#gekhman-2024)).
# - Our questions are easy to judge. The village has one right answer to each, and a program knows it.
# - The model forgets: this lab replays no pages of pretraining. The shipped `sft` model does, see
#   [the pocket model](../guides/pocket_model.md).
# - Your model is kept in float16, as the shipped ones are, and only on your device.
#
# ## Questions to think about
#
# 1. Your fine-tuned model answers well and never stops. Which three places do you look at, in which order?
# 2. A company trains on its support chats, of which a third are impatient. What will its assistant be like, and what
#    would you change: the data, the mask or the steps?
# 3. Which of your settings would you judge by the loss, and which only by reading replies?
