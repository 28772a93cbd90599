/** A call that the reader writes in the models' place: where it goes, who takes part, and what is sent of it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { closed, reduced } from "../../overrides/browser/logic/chat";
import { askedIn, begun, callOf, placeOf, questionOf } from "../../overrides/browser/logic/chat-calls";
import type { ChatEvent, Reply, Settings } from "../../overrides/browser/logic/chat-protocol";
import { asked, exported, messagesOf, requestOf, unseen } from "../../overrides/browser/logic/chat-request";

const settings: Settings = {
  columns: [
    { model: "base", framing: "raw" },
    { model: "chat", framing: "raw" },
  ],
  think: false,
  tools: true,
  more: [],
  temperature: 0.5,
  topP: 1,
  seed: 0,
};
const call = callOf("clock", "");
const TOLD = { role: "tool" as const, content: "19:05" };
const CARRIED_OUT: ChatEvent = {
  kind: "tool",
  column: 0,
  ...call,
  result: "19:05",
  ok: true,
  cut: false,
  message: TOLD,
};
const PROMPT: ChatEvent = { kind: "prompt", column: 0, tokens: [], dropped: 0, context: 160, used: 0 };

function only(reply: Reply | null | undefined): Reply {
  assert.ok(reply);
  return reply;
}

test("a tool's argument has the name of its parameter, and the clock has none", () => {
  assert.deepEqual(callOf("convert", "3 km in m").arguments, { expression: "3 km in m" });
  assert.deepEqual(callOf("glossary", "SFT").arguments, { term: "SFT" });
  assert.deepEqual(callOf("clock", "left over").arguments, {});
});

test("a question goes with every call, with an empty argument too", () => {
  const all = [
    callOf("clock", ""),
    callOf("convert", "3 km in m"),
    callOf("glossary", "SFT"),
    callOf("calculator", " "),
  ];
  assert.deepEqual(all.map(questionOf), [
    "What time is it?",
    "What is 3 km in m?",
    "What does SFT mean?",
    "calculator:",
  ]);
});

test("only columns in markup take part, and the request has these alone", () => {
  const exchanges = asked([], "What time is it?", settings, call);
  assert.deepEqual(askedIn(exchanges[0]), [1]);
  assert.equal(exchanges[0]?.replies[0]?.end, "apart");
  const { columns } = requestOf(exchanges, settings);
  assert.deepEqual(columns, [
    {
      model: "chat",
      framing: "markup",
      messages: [
        { role: "user", content: "What time is it?" },
        { role: "assistant", content: "", tool_calls: [call] },
      ],
    },
  ]);
  const inMarkup: Settings = { ...settings, columns: [{ model: "base", framing: "markup" }, ...settings.columns] };
  assert.deepEqual(askedIn(asked([], "x", inMarkup, call)[0]), [0, 2]);
});

test("the tool of a call is offered for its turn, beside those that are switched on", () => {
  const tools = (change: Partial<Settings>, given = call): string[] =>
    requestOf(asked([], "x", settings, given), { ...settings, ...change }).tools;
  assert.deepEqual(tools({ tools: false, more: ["glossary"] }), ["clock"]);
  assert.deepEqual(tools({}), ["calculator", "clock"]);
  assert.deepEqual(tools({ more: ["glossary"] }), ["calculator", "clock", "glossary"]);
  const next = asked(asked([], "x", settings, call), "y", settings);
  assert.deepEqual(requestOf(next, { ...settings, more: ["convert"] }).tools, ["calculator", "convert"]);
});

test("the result comes below the reader's call, before anything was read, and what the model writes after both", () => {
  const given = only(asked([], "x", settings, call)[0]?.replies[1]);
  const reply = [CARRIED_OUT, PROMPT].reduce(reduced, given);
  assert.deepEqual(
    reply.writings.map((writing) => [writing.given === true, writing.results.length, writing.prompt !== null]),
    [
      [true, 1, false],
      [false, 0, true],
    ],
  );
  assert.deepEqual(reply.said, [TOLD]);
  const plain = only(asked([], "x", settings)[0]?.replies[1]);
  assert.deepEqual([given, reply, plain, reduced(plain, PROMPT)].map(begun), [false, true, false, true]);
});

test("a call is part of the conversation once it was carried out, in the JSON too, and for its columns alone", () => {
  const [exchange] = asked([], "x", settings, call);
  assert.ok(exchange);
  const [apart, given] = exchange.replies;
  const stopped = closed([CARRIED_OUT, PROMPT].reduce(reduced, only(given)), "stopped");
  const whole = [{ ...exchange, replies: [apart ?? null, stopped] }];
  const said = [{ role: "user", content: "x" }, { role: "assistant", content: "", tool_calls: [call] }, TOLD];
  assert.deepEqual(messagesOf([...whole, ...asked([], "y", settings)], 1).slice(0, 3), said);
  assert.deepEqual(messagesOf(whole, 0), []);
  const copied = JSON.parse(exported(whole, settings.columns)) as { messages: unknown[] }[];
  assert.deepEqual(
    copied.map(({ messages }) => messages),
    [[], said],
  );
  const none = [{ ...exchange, replies: [apart ?? null, closed(only(given), "stopped")] }];
  assert.deepEqual(messagesOf([...none, ...asked([], "y", settings)], 1), [{ role: "user", content: "y" }]);
});

test("a call goes after what nobody replied to, or else after a question of its own", () => {
  const open = asked([], "What time is it now?", settings);
  assert.deepEqual(placeOf(open, call), { before: [], user: "What time is it now?" });
  assert.deepEqual(placeOf([], call), { before: [], user: "What time is it?" });
  const [exchange] = open;
  assert.ok(exchange);
  const answered = [{ ...exchange, replies: [{ ...only(exchange.replies[0]), said: [TOLD] }] }];
  assert.deepEqual(placeOf(answered, call), { before: answered, user: "What time is it?" });
});

test("an exchange that a column was left out of is none of those that it no longer sees", () => {
  const [left] = asked([], "x", settings, call);
  assert.ok(left);
  const last = asked([], "y", settings).map((exchange) => ({
    ...exchange,
    replies: exchange.replies.map((reply) => reduced(only(reply), { ...PROMPT, dropped: 1 })),
  }));
  assert.deepEqual(unseen([left, ...last], 0), new Set([1]));
});
