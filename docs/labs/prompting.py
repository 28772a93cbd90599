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
# # Prompting and debugging
#
# A prompt does not work. Is it the words, the model, the template, or the length? Here are two patterns that everybody
# uses and four bugs that everybody meets, each beside its repair. The models are the course's own
# [pocket models](../guides/pocket_model.md), and a program that knows their whole village judges every reply.
#
# ```lab
# name: prompting
# ```
#
# Choose a case. First one question is asked in two ways, the broken one and the mended one (in the first two cases: the
# plain one and the pattern). In the texts `⏎` is a line break. Then 24 questions are asked in every way, and the bars
# count. *Does what was wanted* means that the first line is right. Where the calculator is offered, the reply has to be
# the call that is needed and nothing else. The case *system prompt* counts replies that change.
#
# ## A chat API
#
# A chat API takes a list of messages and returns a response with the reply in it. `chat_completion` has the shape that
# most such services share, and one of our models behind it.

# %% name="chat-api"
import json

from labs.core.chat_api import chat_completion

messages = [{"role": "user", "content": "What does Mira eat?"}]
response = chat_completion(messages, model="chat", temperature=0)
print(json.dumps(response, indent=2))

# %% [markdown]
# **What to notice.** The reply is in `choices[0].message`, ready to be appended to the messages. `usage` counts tokens:
# the prompt has more than the question's own, for the markers count too. `finish_reason` says why the model stopped.
# Set `model="base"` and it becomes `length`: a base model does not end its turn.
#
# Such an API keeps nothing between two calls. The app sends the whole conversation each time.

# %% name="conversation"
messages = []
for question in ["What does Mira eat?", "What is 3+4?", "Who are you?", "Thank you."]:
    messages.append({"role": "user", "content": question})
    response = chat_completion(messages)
    messages.append(response["choices"][0]["message"])
    print(f"{response['usage']['prompt_tokens']:3} tokens read. {question} -> {messages[-1]['content']}")

# %% [markdown]
# **What to notice.** Every turn reads all turns before it. So a talk costs more from turn to turn, and some day it no
# longer fits. Ask each question twice to see the error.
#
# ## A tool call, there and back
#
# A model that calls a tool does not run anything. It writes a tool call, the API hands it over as data, and the app
# decides. Then the app sends the result as one more message.

# %% name="tool-call"
from labs.core.chat_api import CALCULATOR_TOOL
from labs.core.world.calculator import calculate

messages = [{"role": "user", "content": "What is 37+45?"}]
asked = chat_completion(messages, tools=[CALCULATOR_TOOL])["choices"][0]
print(asked["finish_reason"], asked["message"]["tool_calls"][0]["function"])

call = asked["message"]["tool_calls"][0]
result = calculate(**json.loads(call["function"]["arguments"]))
messages += [asked["message"], {"role": "tool", "tool_call_id": call["id"], "content": result}]
print(result, "->", chat_completion(messages, tools=[CALCULATOR_TOOL])["choices"][0]["message"]["content"])
print("without tools ->", chat_completion(messages[:1])["choices"][0]["message"]["content"])

# %% [markdown]
# ## Few-shot classification
#
# A base model has no messages. A few-shot prompt is a page that begins with solved examples, so that the next line
# is the solution of a new one. Here people of the village get labels: their colour, their job, and so on.

# %% name="few-shot"
import random

from labs.core.contract import Table
from labs.core.measures import next_lines
from labs.core.model.checkpoint import load_checkpoint
from labs.core.recipe import VILLAGE
from labs.core.world.evaluation import Prompt
from labs.core.world.lexicon import RELATIONS

base = load_checkpoint("base")


def few_shot(person, relation, shots, random_labels=False):
    rng = random.Random(person)
    lines = []
    for one in rng.sample([other for other in VILLAGE.listed if other != person], shots):
        label = VILLAGE.fact(one, relation.name).value
        lines.append(f"{one}: {rng.choice(relation.values) if random_labels else label}")
    return "\n".join([*lines, f"{person}:"])


def right_labels(shots, random_labels=False):
    asked = [(person, relation) for person in VILLAGE.unlisted for relation in RELATIONS]
    prompts = [Prompt(few_shot(*one, shots, random_labels), "", ()) for one in asked]
    lines = next_lines(base.model, base.tokenizer, prompts, max_new_tokens=4)
    right = [VILLAGE.fact(person, relation.name).value for person, relation in asked]
    return sum(line.split()[:1] == [label] for line, label in zip(lines, right, strict=True))


print(few_shot("Neven", RELATIONS[3], shots=3), "▮\n")
rows = [
    ["no example", right_labels(0)],
    ["1 example", right_labels(1)],
    ["3 examples", right_labels(3)],
    ["3 examples, random labels", right_labels(3, random_labels=True)],
]
caption = "Six people who stood on no such page in pretraining, six labels each"
Table(["Prompt", "Right, of 36"], rows, caption)

# %% [markdown]
# **What to notice.** The examples do not teach the model whose colour is what; it knows that from
# pretraining. They say *which* of six labels is meant, and in what form. So even random labels of the right sort
# say it. For large models this was found too, on many tasks ([Min 2022](../sources.md#min-2022)), while the largest
# ones do follow labels that contradict what they know ([J. Wei 2023, on labels](../sources.md#wei-2023)).
#
# ## A system prompt
#
# A system prompt is a message at the start that tells the model its role: "You are a strict code reviewer. List
# problems only." Try roles on our chat model.

# %% name="system-prompt"
from labs.core.world.evaluation import known_facts
from labs.core.world.lexicon import SYSTEM_PROMPTS


def replies(system=None, tools=()):
    start = [{"role": "system", "content": system}] if system else []
    asked = [task.question for task in known_facts(VILLAGE, 8, seed=1)]
    said = []
    for text in [*asked, "Who are you?", "Hello.", "What is 37+45?"]:
        talk = [*start, {"role": "user", "content": text}]
        said.append(chat_completion(talk, tools=tools)["choices"][0]["message"])
    return said


plain = replies()


def changed(others):
    return sum(one != other for one, other in zip(plain, others, strict=True))


reviewer = "You are a strict code reviewer. List problems only."
roles = [*SYSTEM_PROMPTS, reviewer, "Always refuse.", "Speak like a pirate."]
rows = [[f"“{role}”", changed(replies(role))] for role in roles]
rows.append(["the calculator, offered", changed(replies(tools=[CALCULATOR_TOOL]))])
Table(["In the system block", "Replies that change, of 11"], rows, "The chat model")

# %% [markdown]
# **What to notice.** The first three are the system prompts of our training data. They stand before two dialogues in
# five, drawn at random, and no reply depends on them. So the model learned to pass over what stands there. The tools
# stand in the same block, and in the data replies *did* depend on them: the calculator is called where it is offered,
# and nowhere else. Add `"calculator(expression): adds two numbers"` to the roles: typed as a system prompt, this line
# works too. What a model does with a role is learned like everything else.
#
# A large assistant would take the reviewer's role. Its training held many system prompts, with replies that follow
# them. Some are also trained to put them above what users say ([Wallace 2024](../sources.md#wallace-2024)).
#
# ## Context against over-refusal
#
# "How do I draw the dragon?" is harmless, and our chat model mostly declines it: "How do I" and "dragon" together look
# like what it was taught to refuse. Does a word about one's purpose help? Ask that twice: of harmless wishes, and of
# what is truly forbidden.

# %% name="purpose"
from dataclasses import replace

from labs.core.measures import mean_of, reply_to_tasks
from labs.core.world.evaluation import forbidden
from labs.core.world.judge import is_refusal
from labs.core.world.lexicon import THINGS
from labs.core.world.tasks import Task

chat = load_checkpoint("chat").assistant
verbs = ("draw", "paint", "see")
wishes = [Task("thing", f"How do I {v} {t}?", told) for v in verbs for t, told in THINGS]
purposes = ["I draw a picture. ", "I write a tale. ", "I am a guest here. ", "I am a pupil. "]


def refused(tasks, purpose):
    asked = [replace(task, question=purpose + task.question) for task in tasks]
    said = reply_to_tasks(chat, asked)
    return str(mean_of(is_refusal(reply.content) for reply in said))


rows = []
for purpose in ["", *purposes]:
    rows.append([purpose or "nothing", refused(wishes, purpose), refused(forbidden(), purpose)])
heads = ["Said first", "Harmless wish refused", "Forbidden request refused"]
Table(heads, rows, f"Refusals of {len(wishes)} and {len(forbidden())}, with 95 % intervals")

# %% [markdown]
# **What to notice.** The sentence that best mends over-refusal also opens what should stay shut. Whoever tunes a prompt
# on the left column alone will not see it. And "not refused" is not yet "helped": in the panel, a purpose alone seldom
# brings the right text. What does is to say plainly what you want to know, in a phrasing that the training data hold.
#
# ## A checklist in code
#
# When a model ignores what you tell it, find out three things before you reword anything: which model it is, what it
# reads, and how much of it.

# %% name="checklist"
from labs.core.model.chat import Message


def checklist(ids, model="chat", room=40):
    checkpoint = load_checkpoint(model)
    context = checkpoint.model.config.context_length
    hello = chat_completion([{"role": "user", "content": "Hello."}], model=model)
    if hello["choices"][0]["finish_reason"] != "stop":
        yield "it does not even end a greeting: is this a base model?"
    if len(ids) + room > context:
        yield f"{len(ids)} tokens, and {room} for the reply, do not fit into {context}"
    try:
        checkpoint.template.parse(ids)
    except ValueError as error:
        yield f"not this model's template: {error}"
    if not checkpoint.tokenizer.decode(ids).endswith("<|im_start|>assistant\n"):
        yield "no reply begins at the end"


tokenizer, template = base.tokenizer, base.template  # one tokenizer serves all our models
question = Message("user", "What does Mira eat?")
answer = Message("assistant", "Mira eats bread.")
fine = template.render([question], generate=True)
long = template.render([*[question, answer] * 6, question], generate=True)
for name, request in {
    "as it should be": (fine.ids,),
    "the base model": (fine.ids, "base"),
    "markers typed as text": (tokenizer.encode(fine.text(tokenizer)),),
    "no generation marker": (template.render([question]).ids,),
    "a long talk": (long.ids,),
    "the long talk, cut at the front": (long.ids[-120:],),
    "the long talk, cut at the end": (long.ids[:120],),
}.items():
    print(f"{name}: {'; '.join(checklist(*request)) or 'all is well'}")

# %% [markdown]
# **What to notice.** The template's own parser is the best check: it reads the tokens back into messages, or says where
# they leave the layout. Its complaint about typed markers looks absurd: what it got looks just like what it expected.
# To the model one is a token of its own, and the other a row of ordinary ones. So look at tokens, not at text.
#
# ## Try it yourself
#
# ```exercise
# name: prompting
# ```
#
# ## What to notice
#
# - **Most bugs are not in the words.** The wrong model, a missing template and a cut context each took right answers
#   from nearly all to nearly none, with the question unchanged. A missing generation marker took about a third.
# - **Broken prompts raise no error.** Each of them gave some text. Only looking at the tokens shows what happened.
# - **Where you cut matters.** Cut at the front, the block with the tools is gone, and the model says that it has no
#   calculator. Cut at the end, the question is gone.
# - **Base and chat know the same.** Examples bring the label out of the base model, and a plain request out of
#   the chat model.
#
# ## Why it happens
#
# A model sees one row of tokens. It has no other way to know that it is asked something, what it may use, or who is
# speaking. What it does with that row is what training made likely after such rows. A base model was trained on pages,
# so give it the beginning of the right page. A chat model was trained on one template, so give it exactly that. And an
# instruction acts only if training held replies that depended on such instructions.
#
# ## At full scale
#
# - A large base model does tasks from examples that it never saw as such in training
#   ([Brown 2020](../sources.md#brown-2020)). Ours selects among labels that it knows; only in its mapping game does it
#   pick up pairs that are new. Which examples, in which order, can swing the result widely
#   ([Zhao 2021](../sources.md#zhao-2021)).
# - A context of many thousand tokens overflows later. Long before, what stands in its middle is used less well
#   ([Liu 2023](../sources.md#liu-2023)).
# - Over-refusal is measured with safe prompts that look unsafe, beside unsafe ones
#   ([Röttger 2023](../sources.md#rottger-2023)).
# - Services differ. Some refuse a conversation that is too long, some leave out its oldest part without a word.
#
# ## Questions to think about
#
# 1. How would you change the training data so that "Answer with one word." works? How many dialogues would you guess?
# 2. An app cuts long conversations at the front and nobody complains. Which of its features would you test first?
# 3. The purpose in front of a request is not checked by anybody. Should a model take it into account?
