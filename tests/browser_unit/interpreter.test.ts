/** An interpreter passes on what its worker says, keeps an early failure, and is deaf once it was ended. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Interpreter, type Listener } from "../../overrides/browser/runtime/interpreter";
import { Run } from "../../overrides/browser/runtime/run";
import { build, FakeWorker, stub } from "./fakes";

let heard: unknown[][];

/** A listener that writes everything down. */
const listener = new Proxy({} as Listener, {
  get:
    (_, name) =>
    (...told: unknown[]) =>
      heard.push([name, ...told]),
});

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  FakeWorker.made = [];
  heard = [];
  stub({ Worker: FakeWorker, window: globalThis });
});

function started(): [Interpreter, FakeWorker] {
  const interpreter = new Interpreter(build);
  const worker = FakeWorker.made.at(-1);
  assert.ok(worker);
  return [interpreter, worker];
}

test("each message reaches its listener", () => {
  const [interpreter, worker] = started();
  interpreter.listen(listener);
  const failure = { what: "a", why: "b" };
  worker.ready();
  worker.fail(failure);
  worker.say({ type: "outputs", run: 1, outputs: "[]" });
  worker.done(1, "error", 2);
  worker.say({ type: "fatal", run: null, reason: "odd" });
  assert.deepEqual(heard, [
    ["onReady"],
    ["onBootFailed", failure],
    ["onOutputs", 1, "[]"],
    ["onDone", 1, "error", 2],
    ["onFatal", null, "odd"],
  ]);
});

test("a run is handed over with its number and its call", () => {
  const [interpreter, worker] = started();
  const run = new Run({ kind: "lab", slug: "a_lab", values: { seed: 1 } });
  interpreter.run(run);
  assert.deepEqual(worker.told.at(-1), { type: "run", run: run.id, call: run.call });
});

test("without a listener it learns how far it is, and keeps a failure for later", () => {
  const [interpreter, worker] = started();
  worker.say({ type: "progress", stage: "download", loaded: 1, total: 2 });
  assert.equal(interpreter.progress.loaded, 1);
  worker.fail({ what: "a", why: "b" });
  interpreter.listen(listener);
  assert.deepEqual(heard, [["onBootFailed", { what: "a", why: "b" }]]);
});

test("a standby that became ready is ready for its listener", () => {
  const [interpreter, worker] = started();
  worker.ready();
  interpreter.listen(listener);
  assert.ok(interpreter.ready);
  assert.equal(interpreter.progress.stage, "ready");
  assert.deepEqual(heard, []);
});

test("silence is told once nothing came for a while, and never when it is ready or ended", () => {
  const [interpreter, worker] = started();
  interpreter.listen(listener);
  mock.timers.tick(10_000);
  worker.say({ type: "progress", stage: "download", loaded: 1, total: 2 });
  mock.timers.tick(14_999);
  assert.deepEqual(
    heard.map(([name]) => name),
    ["onProgress"],
  );
  mock.timers.tick(1);
  assert.equal(heard.at(-1)?.[0], "onSilence");
  const [other] = started();
  other.listen(listener);
  other.terminate();
  worker.ready();
  const before = heard.length;
  mock.timers.tick(100_000);
  assert.equal(heard.length, before);
});

test("after its end it tells nothing and its worker is gone", () => {
  const [interpreter, worker] = started();
  interpreter.listen(listener);
  interpreter.terminate();
  assert.ok(worker.terminated);
  worker.ready();
  worker.sayTooLate({ type: "outputs", run: 1, outputs: "[]" });
  worker.break("late");
  assert.deepEqual(heard, []);
});

test("an unknown message throws", () => {
  const [interpreter, worker] = started();
  interpreter.listen(listener);
  assert.throws(() => worker.say({ type: "odd" } as never), /Unknown message from the worker: .*odd/);
});
