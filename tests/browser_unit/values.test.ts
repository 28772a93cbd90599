/** Values are the same if a lab would run the same with them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { equal, same } from "../../overrides/browser/elements/values";

const HELLO = { role: "user", content: "Hello" };

test("plain values are compared as they are", () => {
  assert.ok(equal(1, 1) && equal("1", "1") && equal(false, false) && equal(undefined, undefined));
  assert.ok(!equal(1, "1") && !equal(0, false) && !equal("", undefined) && !equal(1, 2));
});

test("conversations are the same if their messages are, in whatever order a message's parts stand", () => {
  assert.ok(equal([HELLO], [{ content: "Hello", role: "user" }]));
  assert.ok(equal([], []));
  assert.ok(!equal([HELLO], []));
  assert.ok(!equal([HELLO], [HELLO, HELLO]));
  assert.ok(!equal([HELLO], [{ ...HELLO, role: "system" }]));
  assert.ok(!equal([HELLO], "Hello") && !equal(undefined, [HELLO]));
});

test("values of controls are the same if each is", () => {
  assert.ok(same({ talk: [HELLO], rate: 1 }, { rate: 1, talk: [{ ...HELLO }] }));
  assert.ok(!same({ rate: 1 }, { rate: 1, talk: [] }));
  assert.ok(!same({ rate: 1, talk: [] }, { rate: 1 }));
});
