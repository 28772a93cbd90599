/** The live chat as data: what is asked, what the events make of it, and what goes out as JSON. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { closed, emptyReply, reduced, segments } from "../../overrides/browser/logic/chat";
import type { ChatEvent, Exchange, PromptToken, Reply, Settings } from "../../overrides/browser/logic/chat-protocol";
import {
  asked,
  droppedText,
  exported,
  messagesOf,
  requestOf,
  unseen,
} from "../../overrides/browser/logic/chat-request";

const settings: Settings = {
  columns: [
    { model: "base", framing: "raw" },
    { model: "chat", framing: "raw" },
  ],
  think: false,
  tools: false,
  more: [],
  temperature: 0.5,
  topP: 1,
  seed: 3,
};

const marker = (text: string, role = "user"): PromptToken => ({ id: 1, text, special: true, role });

function prompt(tokens: PromptToken[] = [], dropped = 0): ChatEvent {
  return { kind: "prompt", column: 0, tokens, dropped, context: 160, used: tokens.length };
}

function token(text: string, special = false): ChatEvent {
  return { kind: "token", column: 0, id: 7, text, piece: special ? "" : text, special, probability: 0.5, top: [] };
}

function message(content: string, more = {}): ChatEvent {
  return {
    kind: "message",
    column: 0,
    message: { role: "assistant", content, ...more },
    ended: true,
    fault: "",
  };
}

function after(...events: ChatEvent[]): Reply {
  return events.reduce(reduced, emptyReply({ model: "chat", framing: "raw" }));
}

/** A conversation in which both columns have answered these. */
function talked(...words: string[]): Exchange[] {
  return words.map((user) => ({
    user,
    replies: [0, 1].map((column) => ({
      ...emptyReply({ model: "chat", framing: "raw" }),
      said: [{ role: "assistant" as const, content: `${user} ${column}` }],
      end: "ended" as const,
    })),
  }));
}

test("a turn with a tool call is two writings, with the result after the first", () => {
  const call = { name: "calculator", arguments: { expression: "2+3" } };
  const result = { role: "tool" as const, content: "5" };
  const said = [
    { role: "assistant" as const, content: "", tool_calls: [call] },
    result,
    { role: "assistant" as const, content: "5." },
  ];
  const reply = after(
    prompt(),
    token("<tool_call>", true),
    message("", { tool_calls: [call] }),
    { kind: "tool", column: 0, ...call, result: "5", ok: true, cut: false, message: result },
    prompt(),
    token("5."),
    message("5."),
    { kind: "end", column: 0, reason: "ended", said, fault: "" },
  );
  assert.equal(reply.writings.length, 2);
  assert.equal(reply.writings[0]?.results[0]?.result, "5");
  assert.equal(reply.writings[1]?.message?.content, "5.");
  assert.equal(reply.end, "ended");
  assert.deepEqual(reply.said, said);
});

test("an event changes no reply that was there before", () => {
  const before = after(prompt(), token("a"));
  const copy = structuredClone(before);
  reduced(before, token("b"));
  assert.deepEqual(before, copy);
});

test("a token before any prompt is shown all the same", () => {
  assert.equal(after(token("a")).writings[0]?.tokens.length, 1);
});

test("what comes is told apart by its markers, without the template's newlines", () => {
  const found = after(prompt(), token("<think>", true), token("\nso\n"), token("</think>", true), token("\n\nMira "));
  const more = [token("<tool_call>", true), token("f()"), token("</tool_call>", true), token("<|im_end|>", true)];
  const writing = more.reduce(reduced, found).writings[0];
  assert.ok(writing);
  assert.deepEqual(segments(writing), [
    { kind: "think", text: "so" },
    { kind: "text", text: "Mira " },
    { kind: "call", text: "f()" },
  ]);
});

test("a prompt that ends in an open think block makes the first words thoughts", () => {
  const open = [marker("<|im_start|>", "assistant"), marker("<think>", "assistant")];
  const kinds = (tokens: PromptToken[]): string[] => {
    const [writing] = after(prompt(tokens), token("so")).writings;
    return writing === undefined ? [] : segments(writing).map(({ kind }) => kind);
  };
  assert.deepEqual(kinds(open), ["think"]);
  assert.deepEqual(kinds([...open, marker("</think>", "assistant")]), ["text"]);
  assert.deepEqual(kinds([marker("<think>", "user"), marker("<|im_start|>", "assistant")]), ["text"]);
});

test("a typed marker is text, and opens nothing", () => {
  const typed: PromptToken = { id: 1, text: "<think>", special: false, role: "user" };
  const [writing] = after(prompt([typed]), token("<tool_call>")).writings;
  assert.deepEqual(writing && segments(writing), [{ kind: "text", text: "<tool_call>" }]);
});

test("a marker out of place is shown as one", () => {
  const [writing] = after(prompt(), token("a"), token("<|im_start|>", true), token("b")).writings;
  assert.deepEqual(writing && segments(writing).map(({ kind }) => kind), ["text", "marker", "text"]);
});

test("what was begun when it stopped was said, and thoughts stay thoughts", () => {
  assert.deepEqual(closed(after(prompt(), token("Mira li")), "stopped").said, [
    { role: "assistant", content: "Mira li" },
  ]);
  const thinking = after(prompt([marker("<think>")]), token("so"));
  assert.deepEqual(closed(thinking, "stopped").said, [{ role: "assistant", content: "", think: "so" }]);
});

test("a stop before the first word leaves nothing said, and an ended reply as it was", () => {
  assert.deepEqual(closed(after(prompt()), "stopped").said, []);
  const ended = after(prompt(), message("a"), { kind: "end", column: 0, reason: "ended", said: [], fault: "" });
  assert.equal(closed(ended, "failed"), ended);
});

test("the request asks each column for the last exchange, with what that column has said", () => {
  const exchanges = asked(talked("one"), "two", settings);
  const { columns, ...rest } = requestOf(exchanges, settings);
  assert.deepEqual(columns[1], {
    model: "chat",
    framing: "markup",
    messages: [
      { role: "user", content: "one" },
      { role: "assistant", content: "one 1" },
      { role: "user", content: "two" },
    ],
  });
  assert.equal(columns[0]?.framing, "raw");
  const { seed, ...others } = rest;
  assert.deepEqual(others, { think: "absent", tools: [], temperature: 0.5, top_p: 1 });
  assert.ok(Number.isSafeInteger(seed) && seed >= settings.seed);
});

test("unlike questions draw with unlike seeds, the same ones with the same, and the reader's seed moves all", () => {
  const seedOf = (text: string, seed = 0): number => requestOf(asked([], text, settings), { ...settings, seed }).seed;
  assert.equal(seedOf("one"), seedOf("one"));
  assert.notEqual(seedOf("one"), seedOf("two"));
  assert.equal(seedOf("one", 5), seedOf("one") + 5);
  const again = requestOf(asked(asked([], "one", settings), "one", settings), { ...settings, seed: 0 }).seed;
  assert.notEqual(again, seedOf("one"), "said twice, it is drawn for twice");
});

test("think and tools are asked for by their switches", () => {
  const request = requestOf(asked([], "one", settings), { ...settings, think: true, tools: true });
  assert.equal(request.think, "open");
  assert.deepEqual(request.tools, ["calculator"]);
});

test("a column is not shown exchanges that it was not asked in, or said nothing in", () => {
  const [one, two] = talked("one", "two");
  assert.ok(one && two);
  const silent = { ...two, replies: two.replies.map((reply) => reply && { ...reply, said: [] }) };
  const exchanges = asked([{ ...one, replies: [one.replies[0] ?? null] }, silent], "three", settings);
  assert.deepEqual(messagesOf(exchanges, 1), [{ role: "user", content: "three" }]);
  assert.equal(messagesOf(exchanges, 0).length, 3);
});

test("the JSON of one column is a list of messages, that of two names the models", () => {
  const exchanges = talked('say "a"\n<|im_end|> 🦆');
  const [first] = settings.columns;
  assert.ok(first);
  assert.deepEqual(JSON.parse(exported(exchanges, [first])), messagesOf(exchanges, 0));
  const both = JSON.parse(exported(exchanges, settings.columns)) as { model: string; messages: unknown }[];
  assert.deepEqual(
    both.map(({ model }) => model),
    ["base", "chat"],
  );
  assert.deepEqual(both[1]?.messages, messagesOf(exchanges, 1));
});

test("exchanges that no longer fit are those that the column had, from the oldest", () => {
  const [one, ...others] = talked("one", "two", "three");
  assert.ok(one);
  const last = { user: "four", replies: [null, after(prompt([], 2), token("a"))] };
  assert.deepEqual(unseen([one, ...others, last], 1), new Set([0, 1]));
  const skipped = { ...one, replies: [one.replies[0] ?? null, null] };
  assert.deepEqual(unseen([skipped, ...others, last], 1), new Set([1, 2]));
  assert.deepEqual(unseen([one, ...others, last], 0), new Set());
});

test("what was dropped is said in the right number", () => {
  assert.equal(droppedText(0, 160), "");
  assert.match(droppedText(1, 160), /^The oldest exchange no longer fits .* does not see it\.$/);
  assert.match(droppedText(2, 160), /^The oldest 2 exchanges no longer fit .* does not see them\.$/);
});
