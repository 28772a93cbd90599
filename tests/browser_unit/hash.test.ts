/** The fingerprint tells versions of a cell apart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fingerprint } from "../../overrides/browser/logic/hash";

test("it is FNV-1a in 64 bits, by its published values", () => {
  assert.equal(fingerprint(""), "cbf29ce484222325");
  assert.equal(fingerprint("a"), "af63dc4c8601ec8c");
  assert.equal(fingerprint("foobar"), "85944171f73967e8");
});

test("small differences show", () => {
  const texts = ["x = 1", "x = 2", "x =1", "x = 1 ", " x = 1", "x = 1\n", "😀", "é", "e\u0301"];
  assert.equal(new Set(texts.map(fingerprint)).size, texts.length);
});
