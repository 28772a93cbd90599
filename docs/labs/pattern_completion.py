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
# # Pattern completion
#
# A [base model](../glossary.md#base-model) is given a task by examples, and nobody tells it what the task is. It
# reads a list, and goes on with the list. Here you write the list and a real base model continues it: the [pocket
# model](../guides/pocket_model.md), which has read the pages of an invented village and nothing else.
#
# Popular writing says that such a model follows *any* pattern, wrong answers too: after a list of wrong capitals
# it is said to answer “What is the capital of France?” with “London”. See how far that is so.
#
# ```lab
# name: pattern_completion
# ```
#
# The first picture is the page: what stands in bold, on a tinted ground, the model wrote. Below it are the tokens
# that could have come where the answer is decided. A `·` is a space and `⏎` a line break. Of a longer word it is the
# first piece: `·b` begins *boat*. The last picture measures. For each number of examples the model continues 60 pages,
# and a program that knows the village judges them: does it go on rightly after right answers, and wrongly after wrong
# ones?
#
# ## Make the wrong answers less absurd
#
# On the village's own wrong pages half of the answers are absurd: “Mira eats stone”. The others are of the right
# sort, a food for a food, and still wrong. Change the share of absurd ones.

# %% name="absurd"
from labs.core.contract import Table
from labs.pattern_completion.lab import WRONG, accuracy

rows = [
    [f"{absurd:.0%} of them absurd", str(accuracy(WRONG, shots=4, absurd=absurd))] for absurd in (0.0, 0.25, 0.5, 1.0)
]
Table(["Four wrong answers on the page", "It goes on wrongly"], rows, "60 pages each, with 95 % intervals")

# %% [markdown]
# With none absurd it goes on *rightly*, though every answer on the page is wrong. It has learned that pages of
# nonsense go on with nonsense. To see that “Mira eats rice” is wrong it would have to compare the line with what
# it knows, and a model this small did not learn to.
#
# ## Ask it for the capital of France
#
# It can only continue what its pages prepared it for. No page of the village tells of France.

# %% name="france"
from labs.pattern_completion.lab import continuation

wrong = "Q: What is the capital of Spain?\nA: Oslo.\nQ: What is the capital of Italy?\nA: Bern.\n"
print(continuation(wrong + "Q: What is the capital of France?\nA:"))

# %% [markdown]
# So our model can't confirm the story of “London”, nor refute it. What it shows is the *kind* of thing that
# happens, and that it depends on the model: on which sorts of wrong pages it has read, and on whether it can tell.
#
# ## Show it a rule that never was
#
# A fresh random mapping is a pattern that no page had. Nothing that the model knows of cats or colours helps. It
# has to read the answer off the page. The second page is the same but for the sign between the words.

# %% name="labels"
for page in ("map: cat red dog blue fox green dog", "map: cat = red dog = blue fox = green dog ="):
    print(page, "→", repr(continuation(page, max_new_tokens=3)))

# %% [markdown]
# The skill is real and narrow: it works in the form that the pages had. After “=” the model is in a program, where
# numbers come.
#
# ## Take attention out of its layers
#
# Attention alone carries words from one place of a text to another. So switch it off in some layers of the base
# model, and see which ones a random mapping needs.

# %% name="layers"
from labs.pattern_completion.lab import chance
from labs.pattern_completion.layers import accuracy_with_attention_in, choices

rows = []
for how_many in (4, 2, 1):
    for layers in choices(how_many):
        rows.append([", ".join(map(str, layers)), str(accuracy_with_attention_in(layers))])
Table(
    ["Attention only in layers", "Right"],
    rows,
    f"Fresh random mappings with four examples; guessing among the labels shown is right in {chance(4):.0%}",
)

# %% [markdown]
# No layer can do it by itself, and most pairs can't either. The last two can, nearly. What do they do?
#
# ## See where its heads look
#
# Each layer has four *heads*, each of which shares out its attention over the tokens so far. Two shares tell most.
# From every word to the token just before it. And from the last word, the key that is asked for, to the token
# after the place where it stood before: there is the answer.

# %% name="heads"
from labs.pattern_completion.looking import looks

shares = looks(shots=4, seed=0)
rows = [
    [layer, f"{before.max():.0%}", f"{answer.max():.0%}"]
    for layer, (before, answer) in enumerate(zip(shares.before, shares.answer, strict=True), start=1)
]
Table(["Layer", "To the token before", "To the answer"], rows, "Mean share of attention, by the head that gives most")

# %% [markdown]
# Layer 3 has a head that looks back by one word, and can note there which it was. So layer 4 can look for “the
# word that came after *dog*”, and finds it. [Olsson et al. 2022](../sources.md#olsson-2022) call this an
# *induction head*, and it takes two layers: the later one needs what the earlier one noted.
#
# ## Watch the skill appear
#
# The cells above look at a trained model. When did it learn this, and can a smaller one? The base model's own
# pretraining was run again, its first 3,000 steps with one layer, with two and with four, and all else alike.
# Every 100 steps the model was given 200 fresh mappings. Each was run with three seeds; bands are 95% intervals of the
# mean over these.

# %% name="training"
from labs.core.sweeping import recorded
from labs.pattern_completion.appearing import along_training

found = recorded("pattern_completion")
print("recorded by:", found.command, "· seeds:", *found.seeds)
along_training(found)

# %% [markdown]
# And at the end of these 3,000 steps, for each number of examples:

# %% name="shots"
from labs.pattern_completion.appearing import by_shots

by_shots(found)

# %% [markdown]
# With four layers nothing happens for a long time. Then, within a few hundred steps, it can do it. Each seed does so
# at a step of its own, between 1,300 and 2,000. That is why the band is wide there: no run was half good for long.
#
# With fewer layers it does not come in this much training. With one example the only label on the page is the answer,
# and these models mostly say it. With four examples they end at about 16%, *below* the 25% that guessing among the
# labels on the page would give. What they write instead was not recorded. For two layers it may be a matter of time:
# two can learn it, as [Olsson et al. 2022](../sources.md#olsson-2022) show. One layer can't hold both steps.
#
# ## Try it yourself
#
# ```exercise
# name: pattern_completion
# ```
#
# ## What to notice
#
# - One example is enough to say what the task is: with the pattern “one relation” the model picks the right one of
#   six relations, of people whom it never saw on such a list. With none it has to guess.
# - Wrong answers are followed the more readily the more of them there are, if some are absurd.
# - At temperature 0 and after one list you see one continuation. The chart shows how often.
#
# ## Why it happens
#
# Pretraining rewards whatever lowers the loss on the next token. A page that began with nonsense mostly goes on
# with nonsense, and a page of names and colours with the colour of the next name. So finding out *what sort of
# page this is* pays on nearly every token, and the model does it all the time. Few-shot prompting uses just that.
# No weight changes while it reads: what it “learns” from your examples is gone with the page.
#
# ## At full scale
#
# - Large models read such patterns in many forms, and few-shot prompts became the way to use base models with
#   GPT-3 ([Brown et al. 2020](../sources.md#brown-2020)).
# - Whether wrong labels are followed depends on size. In [J. Wei et al. 2023](../sources.md#wei-2023) large models
#   went along with flipped labels where small ones kept to what they knew, as ours does where nothing is absurd.
# - For some tasks random labels in the examples cost little ([Min et al. 2022](../sources.md#min-2022)): examples
#   also show the form of the answers and what they are about.
# - That copying appears suddenly in training, and together with few-shot skill, was found in models of many sizes
#   ([Olsson et al. 2022](../sources.md#olsson-2022)).
#
# ## Questions to think about
#
# 1. You want a base model to sort letters into complaints and praise. Which five examples would you show, and
#    which mistakes in them would do harm?
# 2. A chat product puts the user's earlier messages into the prompt. What does a pattern of wrong or rude turns do
#    there?
# 3. Does a model that continues wrong answers wrongly “know” the right ones? How would you find out?
