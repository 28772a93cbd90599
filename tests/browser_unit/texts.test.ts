/** What a cell says about itself is true and says what to do. */

import assert from "node:assert/strict";
import { test } from "node:test";
import {
  bootText,
  failureText,
  linesText,
  messagesText,
  panelText,
  rankedText,
  soFarText,
  stateText,
  waitingText,
} from "../../overrides/browser/elements/texts";
import type { Progress } from "../../overrides/browser/runtime/interpreter";
import { Run, type RunState } from "../../overrides/browser/runtime/run";

const STATES: RunState[] = ["waiting", "running", "done", "error", "stopped", "dropped", "crashed", "failed"];

function ended(state: RunState, more: Parameters<Run["become"]>[1] = {}): Run {
  const run = new Run({ kind: "cell", page: "page", cell: "1", source: "" });
  run.become(state, more);
  return run;
}

test("every state has words of its own", () => {
  const said = STATES.map((state) => stateText(ended(state)));
  assert.equal(new Set(said).size, STATES.length);
  for (const text of said) assert.match(text, /^[A-Z].*[.…]$/s);
});

test("times have two places below ten seconds and none above", () => {
  const run = ended("done", { seconds: 0.0449 });
  run.put([{ output_type: "stream", name: "stdout", text: "x" }]);
  assert.equal(stateText(run), "Finished in 0.04 s.");
  assert.match(stateText(ended("error", { seconds: 9.994 })), / 9\.99 s/);
  assert.match(stateText(ended("error", { seconds: 75.4 })), / 75 s/);
});

test("a run that showed nothing says so", () => {
  assert.equal(stateText(ended("done", { seconds: 1 })), "Finished in 1.00 s, with nothing to show.");
});

test("a stop and a crash say that variables are gone", () => {
  for (const state of ["stopped", "crashed"] as const) {
    assert.match(stateText(ended(state)), /variables of earlier cells are gone/);
  }
});

test("a dropped run says why and what to do", () => {
  assert.match(stateText(ended("dropped", { reason: "Because." })), /Because\. .*Run/);
});

test("what the interpreter died of is put in words", () => {
  const crash = (reason: string): string => stateText(ended("crashed", { reason }));
  assert.match(crash("RangeError: Maximum call stack size exceeded"), /called itself more deeply/);
  assert.match(crash("InternalError: too much recursion"), /called itself more deeply/);
  assert.match(crash("RuntimeError: memory access out of bounds"), /ran out of memory/);
  assert.match(crash("Exit: program terminated with exit(3)"), /ended Python itself/);
  assert.match(crash("TypeError: odd"), /TypeError: odd/);
});

test("a boot tells its stage, and its bytes only while they come", () => {
  const progress = (stage: Progress["stage"], loaded: number, total: number): Progress => ({ stage, loaded, total });
  assert.notEqual(bootText.stage(progress("download", 0, 0)), bootText.stage(progress("start", 9, 9)));
  assert.equal(bootText.bytes(progress("download", 0, 0)), "");
  assert.equal(bootText.bytes(progress("download", 1_234_567, 16_700_000)), "1.2 of 16.7 MB");
  assert.equal(bootText.bytes(progress("start", 16_700_000, 16_700_000)), "");
});

test("a failure says what, why and what to do", () => {
  assert.match(failureText({ what: "What.", why: "Why." }), /^What\. Why\. .*Try again/);
});

test("a panel names its own button where it says what to press", () => {
  const dropped = ended("dropped", { reason: "Because." });
  assert.equal(panelText(dropped, "Train"), "Not run: Because. Press Train to try again.");
  assert.equal(panelText(dropped), stateText(dropped));
  assert.equal(waitingText("Train", true), "Press Train to run with the new values.");
  assert.doesNotMatch(waitingText("Train", false), /Press/);
});

test("counts and limits are words", () => {
  assert.deepEqual([0, 1, 2].map(soFarText), ["none so far", "1 so far", "2 so far"]);
  assert.equal(messagesText(1, 8, 400), "1 message of at most 8, each of at most 400 characters");
  assert.equal(messagesText(8, 8, 400), "8 messages, which is the most, each of at most 400 characters");
});

test("several lines become one, cut between characters", () => {
  assert.equal(linesText("a\nb\r\nc", 40), "a ⏎ b ⏎ c");
  assert.equal(linesText("🙂🙂🙂🙂", 4), "🙂🙂🙂🙂");
  assert.equal(linesText("🙂🙂🙂🙂", 3), "🙂🙂…");
});

test("a ranking says how many of its pairs were compared", () => {
  assert.equal(rankedText("A-B-"), "2 of 4 ranked");
  assert.equal(rankedText("----"), "0 of 4 ranked");
});
