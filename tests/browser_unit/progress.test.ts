/** What readers have answered is kept in its better state, by every tab, and a file of it is read with care. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  type Answered,
  better,
  concerns,
  exportText,
  KEY,
  type Kept,
  merged,
  Progress,
  parseQuizzes,
  readExport,
  SOLVED,
  today,
} from "../../overrides/browser/logic/progress";
import { changes, count, countText, keptText, stateOf, type Task } from "../../overrides/browser/logic/progress-count";
import { generator } from "./random";

class FakeStorage {
  kept = new Map<string, string>();
  refuses = "";

  get length(): number {
    return this.kept.size;
  }

  key(place: number): string | null {
    return [...this.kept.keys()][place] ?? null;
  }

  getItem(key: string): string | null {
    return this.kept.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    if (this.refuses !== "") throw new DOMException("no", this.refuses);
    this.kept.set(key, value);
  }

  removeItem(key: string): void {
    if (this.refuses !== "") throw new DOMException("no", this.refuses);
    this.kept.delete(key);
  }
}

const tab = (storage: FakeStorage): Progress => new Progress(() => storage as unknown as Storage);
const denied = (): Progress =>
  new Progress(() => {
    throw new DOMException("no", "SecurityError");
  });

const right = (date: string, tries = 1): Answered => ({ state: "right", tries, date });
const wrong = (date: string, tries = 1): Answered => ({ state: "wrong", tries, date });
const kept = (quizzes: Kept["quizzes"], exercises: string[] = []): Kept => ({ quizzes, exercises });

test("right is better than wrong, whenever it was", () => {
  assert.deepEqual(better(right("2026-01-01", 2), wrong("2026-02-02", 5)), right("2026-01-01", 5));
  assert.deepEqual(better(wrong("2026-02-02", 5), right("2026-01-01", 2)), right("2026-01-01", 5));
  assert.deepEqual(better(right("2026-02-02"), right("2026-01-01")), right("2026-01-01"));
  assert.deepEqual(better(wrong("2026-01-01"), wrong("2026-02-02")), wrong("2026-02-02"));
  assert.deepEqual(better(undefined, wrong("2026-01-01")), wrong("2026-01-01"));
});

test("merging is the same either way round and once is as good as twice", () => {
  const random = generator(3);
  const some = (): Kept => {
    const quizzes: Kept["quizzes"] = {};
    for (let n = 0; n < 12; n++) {
      const day = `2026-01-0${1 + Math.floor(random() * 9)}`;
      const record = {
        state: random() < 0.5 ? "right" : "wrong",
        tries: 1 + Math.floor(random() * 4),
        date: day,
      } as const;
      const name = `quiz${Math.floor(random() * 3)}`;
      quizzes[name] = { ...quizzes[name], [`q${Math.floor(random() * 5)}`]: record };
    }
    return kept(quizzes, random() < 0.5 ? ["sft"] : ["dpo"]);
  };
  for (let round = 0; round < 100; round++) {
    const [one, other] = [some(), some()];
    const both = merged(one, other);
    assert.deepEqual(merged(other, one), both);
    assert.deepEqual(merged(both, one), both);
  }
});

test("an answer comes back in another visit, and a wrong one after it spoils nothing", () => {
  const storage = new FakeStorage();
  assert.deepEqual(tab(storage).answer("sft", "mask", false, "2026-01-01"), wrong("2026-01-01"));
  assert.deepEqual(tab(storage).answer("sft", "mask", true, "2026-01-02"), right("2026-01-02", 2));
  assert.deepEqual(tab(storage).answer("sft", "mask", false, "2026-01-03"), right("2026-01-02", 3));
  assert.deepEqual(tab(storage).read().quizzes, { sft: { mask: right("2026-01-02", 3) } });
  assert.deepEqual([...storage.kept.keys()], [KEY]);
});

test("two tabs that answer in turn lose nothing", () => {
  const storage = new FakeStorage();
  const [one, other] = [tab(storage), tab(storage)];
  one.answer("sft", "a", true, "2026-01-01");
  other.answer("sft", "b", false, "2026-01-01");
  one.answer("dpo", "c", true, "2026-01-01");
  assert.deepEqual(Object.keys(other.read().quizzes["sft"] ?? {}), ["a", "b"]);
  assert.deepEqual(Object.keys(other.read().quizzes), ["sft", "dpo"]);
});

test("solved exercises are found under the keys of the exercises", () => {
  const storage = new FakeStorage();
  storage.setItem(`${SOLVED}sft_live`, "1");
  storage.setItem("lab-edits:v1:x", "{}");
  assert.deepEqual(tab(storage).read().exercises, ["sft_live"]);
});

for (const text of ["", "{", "null", "3", "[]", '{"quizzes":3}', '{"quizzes":{"a":{"b":{"state":"fine"}}}}']) {
  test(`what is not ours in the storage breaks nothing: ${text}`, () => {
    const storage = new FakeStorage();
    storage.setItem(KEY, text);
    const mine = tab(storage);
    assert.deepEqual(Object.values(mine.read().quizzes).flatMap(Object.keys), []);
    mine.answer("sft", "mask", true, "2026-01-01");
    assert.deepEqual(tab(storage).read().quizzes["sft"], { mask: right("2026-01-01") });
  });
}

test("one record that can't be read costs no other", () => {
  const text = JSON.stringify({ quizzes: { a: { good: right("2026-01-01"), bad: { state: "right" } } } });
  assert.deepEqual(parseQuizzes(text), { a: { good: right("2026-01-01") } });
});

test("where the storage refuses, the visit keeps all, and it is said why", () => {
  const full = new FakeStorage();
  full.setItem(KEY, JSON.stringify({ quizzes: { sft: { old: right("2026-01-01") } } }));
  full.refuses = "QuotaExceededError";
  for (const [mine, why, before] of [
    [denied(), /lets the page store nothing/, []],
    [tab(full), /storage is full/, ["old"]],
  ] as const) {
    assert.equal(mine.refused, "");
    mine.answer("sft", "mask", true, "2026-01-01");
    assert.match(mine.refused, why);
    assert.deepEqual(Object.keys(mine.read().quizzes["sft"] ?? {}), [...before, "mask"]);
    mine.add(kept({}, ["sft_live"]));
    assert.deepEqual(mine.read().exercises, ["sft_live"]);
  }
  full.refuses = "";
  const recovered = tab(full);
  recovered.probe();
  assert.equal(recovered.refused, "");
  assert.deepEqual([...full.kept.keys()], [KEY]);
});

test("erasing forgets all that is shown and nothing else, and can be undone", () => {
  const storage = new FakeStorage();
  const mine = tab(storage);
  mine.answer("sft", "mask", true, "2026-01-01");
  storage.setItem(`${SOLVED}sft_live`, "1");
  storage.setItem("lab-edits:v1:x", "{}");
  const before = mine.read();
  const erased = mine.erase();
  assert.deepEqual(erased, before);
  assert.deepEqual([...storage.kept.keys()], ["lab-edits:v1:x"]);
  assert.deepEqual(mine.read(), kept({}));
  mine.add(erased);
  assert.deepEqual(mine.read(), before);
});

test("what is exported is imported as it was", () => {
  const mine = kept({ sft: { mask: right("2026-01-01", 3) }, dpo: { loss: wrong("2026-01-02") } }, ["sft_live"]);
  assert.deepEqual(readExport(exportText(mine, "2026-01-03")), mine);
});

const FILE = { format: "llm-masterclass-progress", version: 1, quizzes: {}, exercises: [] };
const record = (more: object): object => ({ ...FILE, quizzes: { a: { b: { ...right("2026-01-01"), ...more } } } });
const BAD: [file: unknown, said: RegExp][] = [
  [null, /not exported from a page like this/],
  [[], /not exported/],
  [{}, /not exported/],
  [{ ...FILE, format: "other" }, /not exported/],
  [{ ...FILE, version: 2 }, /version 2/],
  [{ ...FILE, quizzes: null }, /no quizzes/],
  [{ ...FILE, quizzes: { a: 3 } }, /quiz “a”/],
  [{ ...FILE, quizzes: { "../a": {} } }, /quiz “..\/a”/],
  [record({ state: "fine" }), /question “b” of a/],
  [record({ tries: 0 }), /question “b”/],
  [record({ tries: 1.5 }), /question “b”/],
  [record({ date: "<script>" }), /question “b”/],
  [{ ...FILE, exercises: "sft" }, /exercises/],
  [{ ...FILE, exercises: [3] }, /exercises/],
];

for (const [file, said] of BAD) {
  test(`a bad file is told apart: ${JSON.stringify(file)}`, () => {
    const read = readExport(JSON.stringify(file));
    assert.equal(typeof read, "string");
    assert.match(read as string, said);
  });
}

test("a file that is cut short, or huge, is told apart", () => {
  const text = exportText(kept({ a: { b: right("2026-01-01") } }), "2026-01-01");
  assert.match(readExport(text.slice(0, -5)) as string, /a part of it is missing/);
  assert.match(readExport(text + " ".repeat(1_000_000)) as string, /far larger/);
});

test("counts and their words", () => {
  const tasks: Task[] = [
    { quiz: "sft", question: "a" },
    { quiz: "sft", question: "b" },
    { exercise: "sft_live" },
    { quiz: "dpo", question: "a" },
  ];
  const mine = kept({ sft: { a: right("2026-01-01"), b: wrong("2026-01-01") } }, ["sft_live"]);
  assert.deepEqual(
    tasks.map((task) => stateOf(task, mine)),
    ["done", "tried", "done", "open"],
  );
  assert.deepEqual(count(tasks, mine), { questions: 3, right: 1, exercises: 1, solved: 1 });
  assert.equal(countText(count(tasks, mine)), "1 of 3 questions right and 1 of 1 exercise solved");
  assert.equal(countText(count([], mine)), "nothing to do yet");
  assert.equal(keptText(mine), "2 answers and 1 solved exercise");
  assert.equal(changes(kept({}), mine), 3);
  assert.equal(changes(mine, mine), 0);
});

test("changes of other keys concern nobody, and a cleared storage does", () => {
  assert.deepEqual([KEY, `${SOLVED}x`, null, "lab-edits:v1:x", `${KEY}:probe`].map(concerns), [
    true,
    true,
    true,
    false,
    false,
  ]);
});

test("today is the reader's day", () => {
  assert.equal(today(new Date(2026, 0, 5, 23, 59)), "2026-01-05");
});
