/** Edits are kept whatever they are, and a storage that fails costs no more than the keeping. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { type Edit, Edits, storageKey } from "../../overrides/browser/logic/edits";
import { generator, randomText } from "./random";

function storage(fail: string | null = null): Storage {
  const kept = new Map<string, string>();
  const refuse = (): void => {
    if (fail !== null) throw new DOMException("no", fail);
  };
  return {
    getItem: (key: string) => kept.get(key) ?? null,
    setItem(key: string, value: string) {
      refuse();
      kept.set(key, value);
    },
    removeItem(key: string) {
      refuse();
      kept.delete(key);
    },
  } as Storage;
}

test("random edits come back as they were, to another visit too", () => {
  const random = generator(4);
  const kept = storage();
  for (let round = 0; round < 200; round++) {
    const edit: Edit = {
      hash: "0",
      source: randomText(random, 300),
      replaced: random() < 0.5 ? null : randomText(random, 300),
    };
    assert.equal(new Edits(() => kept).write("lab#one", edit), null);
    assert.deepEqual(new Edits(() => kept).read("lab#one"), edit);
  }
});

test("each cell has its own versioned key", () => {
  assert.equal(storageKey("lab#one"), "lab-edits:v1:lab#one");
  const edits = new Edits(() => kept);
  const kept = storage();
  edits.write("lab#one", { hash: "0", source: "x", replaced: null });
  assert.equal(edits.read("lab#two"), null);
  edits.write("lab#one", null);
  assert.equal(edits.read("lab#one"), null);
});

for (const text of ["", "{", "null", "3", "[]", "{}", '{"hash":1,"source":"x"}', '{"hash":"0","source":null}']) {
  test(`what is not ours is told apart: ${text}`, () => {
    const kept = storage();
    kept.setItem(storageKey("lab#one"), text);
    assert.equal(new Edits(() => kept).read("lab#one"), "unreadable");
  });
}

test("a full or forbidden storage is told once, and the visit keeps the edit", () => {
  const denied = (): Storage => {
    throw new DOMException("no", "SecurityError");
  };
  const full = storage("QuotaExceededError");
  for (const [where, why] of [
    [denied, /store nothing/],
    [() => full, /is full/],
  ] as const) {
    const edits = new Edits(where);
    const edit = { hash: "0", source: "x", replaced: null };
    assert.match(edits.write("lab#one", edit) ?? "", why);
    assert.equal(edits.write("lab#two", edit), null);
    assert.deepEqual(edits.read("lab#one"), edit);
    edits.write("lab#one", null);
    assert.equal(edits.read("lab#one"), null);
  }
});
