/** Answers are read in the ways in which people write them, and judged. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  choiceText,
  judgeChoice,
  judgeNumber,
  judgeOrder,
  type NumberKey,
  readNumber,
} from "../../overrides/browser/logic/quiz";
import { generator } from "./random";

const GOOD: [text: string, unit: string, value: number][] = [
  ["0.69", "", 0.69],
  ["0,69", "", 0.69],
  [" 12 ", "", 12],
  [".5", "", 0.5],
  ["5.", "", 5],
  ["+3", "", 3],
  ["-0.5", "", -0.5],
  ["−0.5", "", -0.5],
  ["7e9", "", 7e9],
  ["1.5E-3", "", 0.0015],
  ["69 %", "", 0.69],
  ["69%", "%", 69],
  ["69", "%", 69],
  ["0.69 nats", "nats", 0.69],
  ["0.69 Nats", "nats", 0.69],
  ["1 000 000", "", 1e6],
  ["1,000,000", "", 1e6],
  ["1,234.5", "", 1234.5],
  ["1_000", "", 1000],
  ["12'000", "", 12000],
  ["0,713", "", 0.713],
];

for (const [text, unit, value] of GOOD) {
  test(`“${text}” in “${unit}” is ${value}`, () => {
    const read = readNumber(text, unit);
    assert.ok("value" in read, JSON.stringify(read));
    assert.equal(read.value, value);
  });
}

test("what was read is told where it is not what stands there", () => {
  const note = (text: string): string => {
    const read = readNumber(text, "");
    return "note" in read ? read.note : "unreadable";
  };
  assert.equal(note("0,69"), "Read as 0.69.");
  assert.equal(note("69 %"), "Read as 0.69.");
  assert.equal(note("1 000"), "Read as 1000.");
  assert.equal(note("0.69"), "");
});

const BAD: [text: string, unit: string, said: RegExp][] = [
  ["", "", /Nothing is written yet/],
  ["  ", "nats", /Nothing is written yet/],
  ["many", "", /“many” can’t be read as a number\. Write digits/],
  ["1,000", "", /could be a thousand or a fraction/],
  ["0.69 bits", "nats", /counted in nats/],
  ["7 billion", "", /Write the number alone/],
  ["1.2.3", "", /can’t be read/],
  ["1e999", "", /too large/],
  ["--1", "", /can’t be read/],
  ["nan", "", /can’t be read/],
  ["Infinity", "", /can’t be read/],
  ["0x10", "", /can’t be read/],
];

for (const [text, unit, said] of BAD) {
  test(`“${text}” is explained`, () => {
    const read = readNumber(text, unit);
    assert.ok("trouble" in read, JSON.stringify(read));
    assert.match(read.trouble, said);
  });
}

test("every number that is written by a program is read as it is", () => {
  const random = generator(7);
  for (let round = 0; round < 500; round++) {
    const value = (random() - 0.5) * 10 ** Math.floor(random() * 24 - 12);
    const read = readNumber(String(value), "");
    assert.ok("value" in read, String(value));
    assert.equal(read.value, value);
  }
});

const KEY: NumberKey = {
  answer: 0.7131,
  tolerance: 0.01,
  unit: "nats",
  wrong: [
    { value: 0.5, tolerance: 0.01 },
    { value: 0.52, tolerance: 0.05 },
  ],
};

test("a number within the tolerance is right, its edge too", () => {
  for (const value of [0.7131, 0.71, 0.72, 0.7231, 0.7031])
    assert.equal(judgeNumber(value, KEY).right, true, `${value}`);
  for (const value of [0.7233, 0.7, 0, 1]) assert.equal(judgeNumber(value, KEY).right, false, `${value}`);
  assert.equal(judgeNumber(0.1 + 0.2, { ...KEY, answer: 0.3, tolerance: 0 }).right, true);
  assert.equal(judgeNumber(0.3001, { ...KEY, answer: 0.3, tolerance: 0 }).right, false);
});

test("a known wrong number is recognised, the nearest of several", () => {
  assert.equal(judgeNumber(0.5, KEY).known, 0);
  assert.equal(judgeNumber(0.505, KEY).known, 0);
  assert.equal(judgeNumber(0.511, KEY).known, 1);
  assert.equal(judgeNumber(0.3, KEY).known, null);
});

test("a slip of the sign or of per cent gets a hint", () => {
  assert.match(judgeNumber(-0.7131, KEY).hint, /sign/);
  assert.match(judgeNumber(0.69, { answer: 69, tolerance: 1, unit: "%", wrong: [] }).hint, /in %/);
  assert.equal(judgeNumber(3, KEY).hint, "");
});

test("the right answer in too few digits is called close, and nothing else is", () => {
  const judge = (value: number, answer: number, tolerance: number) =>
    judgeNumber(value, { answer, tolerance, unit: "", wrong: [{ value: 1.5, tolerance: 0.01 }] });
  for (const [value, answer, tolerance] of [
    [1.4, 1.3863, 0.01],
    [2.3, 2.321, 0.02],
    [73000, 72622, 50],
    [0.7, 0.7131, 0.01],
    [-1.4, -1.3863, 0.01],
  ] as const) {
    const { right, close, hint } = judge(value, answer, tolerance);
    assert.deepEqual([right, close, hint], [false, true, "right, but rounded too far."], `${value}`);
  }
  assert.equal(judge(1.39, 1.3863, 0.01).right, true);
  assert.equal(judge(1.39, 1.3863, 0.01).close, false);
  assert.equal(judge(1.5, 1.5049, 0.001).close, false, "a known wrong answer keeps its reason");
  for (const [value, answer] of [
    [1, 1.3863],
    [1.3, 1.3863],
    [1.41, 1.3863],
    [0.1, 0.119],
    [0, 0.01],
    [4, 5],
  ] as const)
    assert.equal(judge(value, answer, 0.003).close, false, `${value}`);
});

test("a choice is right if all right options are chosen and no other", () => {
  const right = new Set([0, 2]);
  assert.equal(judgeChoice(new Set([2, 0]), right).right, true);
  for (const chosen of [[0], [0, 1, 2], [1], [0, 1]]) assert.equal(judgeChoice(new Set(chosen), right).right, false);
  assert.equal(choiceText(judgeChoice(new Set([0]), right)), "1 right option is missing.");
  const both = "1 of your choices is wrong, and 2 right options are missing.";
  assert.equal(choiceText(judgeChoice(new Set([1]), right)), both);
  assert.equal(choiceText(judgeChoice(new Set([0, 1, 2, 3]), right)), "2 of your choices are wrong.");
  assert.equal(choiceText(judgeChoice(right, right)), "");
});

test("an order tells which places hold what belongs there", () => {
  assert.deepEqual(judgeOrder([0, 1, 2]), { right: true, inPlace: [true, true, true] });
  assert.deepEqual(judgeOrder([0, 2, 1]), { right: false, inPlace: [true, false, false] });
});
