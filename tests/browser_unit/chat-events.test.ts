/** What Python says of a chat is checked: what is not right is no event, and never an exception. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { chatEvent } from "../../overrides/browser/logic/chat-events";

const EVENTS = [
  {
    column: 0,
    kind: "prompt",
    tokens: [{ id: 1, text: "a", special: false, role: "" }],
    dropped: 0,
    context: 9,
    used: 1,
  },
  {
    column: 1,
    kind: "token",
    id: 2,
    text: "a",
    piece: "a",
    special: false,
    probability: 0.5,
    top: [{ text: "a", probability: 0.5 }],
  },
  { column: 0, kind: "message", message: { role: "assistant", content: "a" }, ended: true, fault: "" },
  {
    column: 0,
    kind: "tool",
    name: "clock",
    arguments: { zone: "here" },
    result: "12:00",
    ok: true,
    cut: false,
    message: { role: "tool", content: "12:00" },
  },
  { column: 0, kind: "end", reason: "ended", said: [{ role: "assistant", content: "a" }], fault: "" },
];

test("each kind of event is read as it came", () => {
  for (const event of EVENTS) assert.deepEqual(chatEvent(event), event);
});

test("thoughts and calls of a message are kept, empty ones left out", () => {
  const call = { name: "clock", arguments: { zone: "here" } };
  const message = { role: "assistant", content: "", think: "so", tool_calls: [call] };
  const event = { column: 0, kind: "message", message, ended: true, fault: "" };
  assert.deepEqual(chatEvent(event), event);
  const bare = chatEvent({ ...event, message: { ...message, think: null, tool_calls: [] } });
  assert.deepEqual(bare, { ...event, message: { role: "assistant", content: "" } });
});

test("what is no event is none", () => {
  for (const data of [null, undefined, 3, "prompt", [], {}, { kind: "prompt" }, { kind: "other", column: 0 }]) {
    assert.equal(chatEvent(data), null);
  }
  assert.equal(chatEvent({ ...EVENTS[2], message: { role: "nobody", content: "a" } }), null);
  assert.equal(chatEvent({ ...EVENTS[4], reason: "tired" }), null);
});

test("an event with any one thing wrong is none, or one that can be shown", () => {
  const wrong = [null, undefined, 3, "x", [], [null], [3], {}, { a: 1 }];
  for (const event of EVENTS) {
    for (const key of Object.keys(event)) {
      for (const value of wrong) {
        const found = chatEvent({ ...event, [key]: value });
        if (found !== null) assert.equal(found.kind, event.kind);
      }
    }
  }
});
