/** A run tells of its states and keeps all that it has put out. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Call, Output } from "../../overrides/browser/runtime/messages";
import { Run, type RunState } from "../../overrides/browser/runtime/run";

const call: Call = { kind: "cell", page: "page", cell: "1", source: "1" };
const stream = (text: string): Output => ({ output_type: "stream", name: "stdout", text });

test("every run has a number of its own, later ones a higher", () => {
  const [first, second] = [new Run(call), new Run(call)];
  assert.ok(second.id > first.id);
  assert.equal(first.call, call);
});

test("it is active while it waits or runs, and never after", () => {
  const active: Record<RunState, boolean> = {
    waiting: true,
    running: true,
    done: false,
    error: false,
    stopped: false,
    dropped: false,
    crashed: false,
    failed: false,
  };
  const run = new Run(call);
  assert.equal(run.state, "waiting");
  for (const [state, expected] of Object.entries(active) as [RunState, boolean][]) {
    run.become(state);
    assert.equal(run.active, expected, state);
  }
});

test("a change is told when it has happened, with all that belongs to it", () => {
  const run = new Run(call);
  const seen: unknown[] = [];
  run.addEventListener("change", () => seen.push([run.state, run.seconds, run.reason, run.failure]));
  run.become("running");
  run.become("done", { seconds: 1.5 });
  run.become("failed", { reason: "why", failure: { what: "a", why: "b" } });
  assert.deepEqual(seen, [
    ["running", null, "", null],
    ["done", 1.5, "", null],
    ["failed", 1.5, "why", { what: "a", why: "b" }],
  ]);
});

test("outputs are kept in order, and each batch is told", () => {
  const run = new Run(call);
  const told: Output[][] = [];
  run.addEventListener("output", (event) => told.push((event as CustomEvent<Output[]>).detail));
  run.put([stream("a"), stream("b")]);
  run.put([stream("c")]);
  assert.deepEqual(told, [[stream("a"), stream("b")], [stream("c")]]);
  assert.deepEqual(run.outputs, [stream("a"), stream("b"), stream("c")]);
});
