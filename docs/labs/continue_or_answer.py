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
# # Continue or answer
#
# Ask a [base model](../glossary.md#base-model) a question, and it asks the next one. Ask the same model after
# [SFT](../glossary.md#sft), and it answers and stops. Here both write in front of you, token by token. These are the
# course's [pocket models](../guides/pocket_model.md), which know one invented village. Nothing is scripted: type a
# prompt of your own.
#
# ```lab
# name: continue_or_answer
# ```
#
# Three columns, because two things change and one should see them apart. *Raw text* is the bare prompt, as a base
# model is used. *Markup* is the prompt as a user's turn in the [chat template](../glossary.md#chat-template), as a
# tuned model is used. The column in the middle has the markup and not the tuning. In names of tokens `·` is a space and
# `⏎` a line break.
#
# Two shares are counted, each over many continuations of your prompt:
#
# - **P(another question)**: the first line that the model writes is a question.
# - **One line, then stop**: the first line is followed at once by the token that ends the text. Raw pages end with
#   `<|endoftext|>`, turns with `<|im_end|>`.
#
# The curve of **P(stop)** counts nothing. It is the probability that the model itself gave to its end token at each
# place of the text above, before temperature, top-k and top-p.
#
# ## What each of them reads
#
# The model gets a row of tokens and nothing else. This is the same question in both forms.

# %% name="two-readings"
from labs.continue_or_answer.lab import writers
from labs.core.contract import Columns

raw, marked, tuned = writers("What does Mira eat?", "sft")
Columns([("Raw text", raw.tokens([])), ("Markup", marked.tokens([]))])

# %% [markdown]
# **What to notice.** Framed tokens are [special tokens](../glossary.md#special-token). Nobody can type them: the
# template alone puts them there. During pretraining the base model saw `<|endoftext|>` before every page, and
# `<|im_start|>` and `<|im_end|>` never.
#
# ## Not one prompt but sixty
#
# One prompt proves little. Here are sixty questions about the village, each asked once, greedily. One way of asking is
# new: the tuned model on raw text.

# %% name="sixty-questions"
from labs.continue_or_answer.lab import ask_questions, shares_chart
from labs.core.model.checkpoint import load_checkpoint

forms = {
    "base, raw": ("base", False),
    "base, in markup": ("base", True),
    "sft, raw": ("sft", False),
    "sft, in markup": ("sft", True),
}
found = []
for name, (model, in_markup) in forms.items():
    checkpoint = load_checkpoint(model)
    shares = ask_questions(name, checkpoint, in_markup=in_markup, num_questions=60)
    found.append(shares)
shares_chart(found, "What the first line does, over 60 questions")

# %% [markdown]
# **What to notice.** Markup alone does not make an assistant: the base model goes on asking. Tuned weights alone do not
# either: on raw text the model `sft` goes on asking, like its parent. It learned replies inside the markup only, and a
# quarter of each of its batches were pages from pretraining. It takes both. By the markup the tuned weights know which
# of two sorts of text they are in.
#
# ## It is still the same model
#
# Same layers, same shapes, same forward pass, run by the same code. Only the numbers differ. By how much? For each
# group of weights the cell takes the norm of the change and divides it by the norm before.

# %% name="same-model"
from labs.continue_or_answer.lab import moved_chart

base, sft = load_checkpoint("base"), load_checkpoint("sft")
before, after = base.model.params, sft.model.params
print("same configuration:", base.model.config == sft.model.config)
print("same names:", before.keys() == after.keys())
print("same shapes:", all(before[n].shape == after[n].shape for n in before))
moved_chart(base.model, sft.model, "sft")

# %% [markdown]
# **What to notice.** Every layer moved, none by much more than the others, and the norms hardly at all. There is no
# place where "being an assistant" was put in.
#
# ## Go a part of the way
#
# Since the shapes are the same, one can stand between two models: take each weight a share of the way from base to
# tuned.

# %% name="part-of-the-way"
from labs.continue_or_answer.lab import between
from labs.core.drawing.lines import Line, line_chart

ways = [0, 0.2, 0.4, 0.5, 0.6, 0.7, 0.8, 1]
asked = []
for way in ways:
    model = between(base, sft, way)
    asked.append(ask_questions(f"{way}", model, in_markup=True, num_questions=40))
line_chart(
    [
        Line("another question", ways, [at.asks.value for at in asked]),
        Line("right answer", ways, [at.right.value for at in asked]),
        Line("one line, then stop", ways, [at.stops.value for at in asked]),
    ],
    title="On the way from base to sft, in markup",
    alt="Questions fall to none, right answers rise, and stopping rises last.",
    x="share of the way from base to sft",
    y="share of 40 questions",
    y_domain=(0, 1),
)

# %% [markdown]
# **What to notice.** Behaviour does not move in step with the weights. Little happens at first; then asking gives way
# to answering within a fifth of the way. Stopping comes last. It is a habit of its own, learned from one token.
#
# ## Try it yourself
#
# ```exercise
# name: continue_or_answer
# ```
#
# ## What to notice
#
# - The base model is not confused by a question. In the village's pages a question in a line of its own mostly stands
#   in a list of questions, and it goes on with the list.
# - Prompts that are no questions show the same thing: `Mira lives by the` and `def add(a, b):` are continued well, by a
#   model that "does not answer".
# - In the curve of P(stop) the tuned model is close to 0 within a sentence, and high where a sentence ends. Between a
#   right answer and a rude remark it may be in two minds. The base model in markup has a flat line: `<|im_end|>` never
#   came up in its training, so it has almost no probability anywhere. It may end the *page* with `<|endoftext|>`. Then
#   it begins another page, as its training data did.
# - The tuned model `sft` is rude in some of its replies. It learned from helpers of mixed manners; the model `chat` was
#   then trained on preferences.
#
# ## Why it happens
#
# Both models were trained with the same loss: be less surprised by the next token. What differs is the text. Many
# pages of pretraining are lists of questions, so after a question the next question is likely. SFT dialogues hold,
# after `<|im_start|>assistant`, a reply of one line and then `<|im_end|>`. The end token is *scored*, so stopping is
# learned like any other word.
#
# The textbook pair is *Explain recursion*: a base model goes on with the text, a tuned one explains. Nobody in the
# village knows recursion, so try `Tell me about the dragon.`: base asks the next question, the tuned model tells you.
# `Explain recursion.` and `What is the capital of France?` show the limit. No text has told either model of these
# things. The tuned one replies all the same, with a line that has nothing to do with it, and mostly it stops. The form
# is what it learned.
#
# ## At full scale
#
# - A large base model does not always go on asking. It has read pages of more kinds, and some of them have answers
#   after questions. Sometimes it answers, and sometimes it refuses ([Kissane 2024](../sources.md#kissane-2024)).
# - How far the weights move depends on the learning rate and the number of steps. A small model that is tuned hard
#   moves far. In one comparison of large models, base and tuned agreed on the likeliest token at most places, and the
#   others were mostly words of style ([Lin 2023](../sources.md#lin-2023)).
# - Text drawn from the whole distribution derails: the many unlikely tokens are drawn often enough, taken together.
#   Top-p was proposed against that ([Holtzman 2020](../sources.md#holtzman-2020)). Set it to 0.9 in the lab and read
#   the texts again.
# - A chat program stops at the end token, or at a limit of tokens. A model that never learned the end token runs into
#   the limit each time.
#
# ## Questions to think about
#
# 1. P(another question) depends on the prompt, the sampling and the judge. Which prompt brings the base model's below
#    a half?
# 2. Somebody says: "The base model does not understand the question." What in the lab speaks against it?
# 3. You get weights without a model card. Which prompt tells you fastest whether they were tuned, and what would fool
#    you?
