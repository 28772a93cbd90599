/** A comparison of two versions leaves nothing out and adds nothing. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { diffLines } from "../../overrides/browser/logic/line-diff";
import { generator } from "./random";

const show = (first: string, second: string): string =>
  diffLines(first, second)
    .map(({ kind, text }) => ({ both: " ", first: "-", second: "+" })[kind] + text)
    .join("|");

test("a changed line stands as one taken and one put", () => {
  assert.equal(show("a\nb\nc", "a\nB\nc"), " a|-b|+B| c");
  assert.equal(show("a\nc", "a\nb\nc"), " a|+b| c");
  assert.equal(show("a", "a"), " a");
  assert.equal(show("", "a"), "-|+a");
});

test("both versions can be read off any comparison", () => {
  const random = generator(5);
  const lines = (): string => Array.from({ length: random() * 30 }, () => "abcd"[Math.floor(random() * 4)]).join("\n");
  for (let round = 0; round < 300; round++) {
    const [first, second] = [lines(), lines()];
    const diff = diffLines(first, second);
    const side = (other: string): string =>
      diff
        .filter(({ kind }) => kind !== other)
        .map(({ text }) => text)
        .join("\n");
    assert.equal(side("second"), first);
    assert.equal(side("first"), second);
  }
});

test("versions too long to compare line by line are still shown whole", () => {
  const [first, second] = ["a\n".repeat(5_000), "b\n".repeat(5_000)];
  const diff = diffLines(first, second);
  assert.equal(diff.filter(({ kind }) => kind === "first").length, 5_000);
  assert.equal(diff.filter(({ kind }) => kind === "second").length, 5_000);
});
