/** The client starts Python once, runs in order, replaces a stopped interpreter, and hears nothing of the old one. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client } from "../../overrides/browser/runtime/client";
import type { Call, Output } from "../../overrides/browser/runtime/messages";
import type { Run } from "../../overrides/browser/runtime/run";
import { answer, build, FakeWorker, settle, stub } from "./fakes";

const stream = (text: string): Output => ({ output_type: "stream", name: "stdout", text });
const cell = (source: string): Call => ({ kind: "cell", page: "page", cell: "1", source });

let client: Client;
let boots: number;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  FakeWorker.made = [];
  served({});
  stub({ Worker: FakeWorker, window: globalThis, location: { href: "https://site.test/" } });
  client = new Client(build);
  boots = 0;
  client.addEventListener("boot", () => boots++);
});

/** Let the site's files be served well, but for these. */
function served(bad: Record<string, Response | Error>): void {
  const types = new Map(build.files.map(({ url, type }) => [url, type]));
  stub({
    fetch: async (url: string) => {
      const given = bad[url];
      if (given instanceof Error) throw given;
      return given ?? answer(null, types.get(url) ?? "text/javascript");
    },
  });
}

/** The worker made as number `index`, from 0. */
function worker(index: number): FakeWorker {
  const found = FakeWorker.made[index];
  assert.ok(found, `worker ${index} was never made; there are ${FakeWorker.made.length}`);
  return found;
}

/** A run that has begun in a Python that is ready. */
function running(source = "endless"): Run {
  const run = client.run("page#1", cell(source));
  worker(0).ready();
  assert.equal(run.state, "running");
  return run;
}

test("no worker is made before something is run", () => {
  assert.equal(FakeWorker.made.length, 0);
  assert.equal(client.progress, null);
});

test("the first run starts Python, as a module worker with the build's addresses", () => {
  const run = client.run("page#1", cell("1 + 1"));
  assert.equal(FakeWorker.made.length, 1);
  assert.equal(worker(0).url, build.workerUrl);
  assert.equal(worker(0).options.type, "module");
  assert.deepEqual(worker(0).told, [{ type: "boot", build, fresh: false, compiled: null }]);
  assert.equal(run.state, "waiting");
  assert.deepEqual(client.progress, { stage: "download", loaded: 0, total: 0 });
});

test("progress of the start is told", () => {
  client.run("page#1", cell(""));
  const before = boots;
  worker(0).say({ type: "progress", stage: "download", loaded: 5, total: 16 });
  assert.deepEqual(client.progress, { type: "progress", stage: "download", loaded: 5, total: 16 });
  worker(0).ready();
  assert.equal(client.progress?.stage, "ready");
  assert.equal(boots, before + 2);
});

test("runs come one after the other, in order", () => {
  const runs = ["one", "two", "three"].map((source) => client.run(`page#${source}`, cell(source)));
  const [one, two, three] = runs.map((run) => run.id) as [number, number, number];
  assert.deepEqual(worker(0).runs, []);
  worker(0).ready();
  assert.deepEqual(worker(0).runs, [one]);
  worker(0).done(one);
  assert.deepEqual(worker(0).runs, [one, two]);
  worker(0).done(two, "error", 2);
  assert.deepEqual(
    runs.map((run) => [run.state, run.seconds]),
    [
      ["done", 0.5],
      ["error", 2],
      ["running", null],
    ],
  );
  assert.deepEqual(worker(0).told.at(-1), { type: "run", run: three, call: cell("three") });
});

test("outputs go to the run that made them", () => {
  const run = running();
  worker(0).put(run.id, stream("a"));
  worker(0).put(run.id, stream("b"), stream("c"));
  worker(0).put(run.id + 1, stream("of nobody"));
  assert.deepEqual(run.outputs, [stream("a"), stream("b"), stream("c")]);
});

test("what a run is busy with before its code begins is told", () => {
  const run = running();
  let changes = 0;
  run.addEventListener("change", () => changes++);
  worker(0).say({ type: "note", run: run.id, text: "Loading matplotlib…" });
  assert.deepEqual([run.state, run.note, changes], ["running", "Loading matplotlib…", 1]);
  worker(0).say({ type: "note", run: run.id + 1, text: "of nobody" });
  assert.deepEqual([run.note, changes], ["Loading matplotlib…", 1]);
});

test("the last run of a place is known, whatever became of it", () => {
  assert.equal(client.latest("page#1"), undefined);
  const first = client.run("page#1", cell("1"));
  const other = client.run("page#2", cell("2"));
  assert.equal(client.latest("page#1"), first);
  const second = client.run("page#1", cell("3"));
  assert.equal(client.latest("page#1"), second);
  assert.equal(client.latest("page#2"), other);
});

test("a standby warms up while a run goes on, once", () => {
  const run = running();
  mock.timers.tick(499);
  assert.equal(FakeWorker.made.length, 1, "not for a run that ends at once");
  mock.timers.tick(1);
  assert.equal(FakeWorker.made.length, 2);
  worker(0).done(run.id);
  const next = client.run("page#1", cell("2"));
  mock.timers.tick(1000);
  worker(0).done(next.id);
  assert.equal(FakeWorker.made.length, 2);
});

test("a standby warms up after a run that ended before it was due", () => {
  const run = running();
  worker(0).done(run.id);
  assert.equal(FakeWorker.made.length, 2);
  mock.timers.tick(1000);
  assert.equal(FakeWorker.made.length, 2);
});

test("stop ends the worker and lets the standby take over at once", () => {
  const run = running();
  mock.timers.tick(500);
  worker(1).ready();
  client.stop(run);
  assert.equal(run.state, "stopped");
  assert.ok(worker(0).terminated);
  assert.ok(!worker(1).terminated);
  const next = client.run("page#1", cell("again"));
  assert.deepEqual(worker(1).runs, [next.id]);
  assert.equal(next.state, "running");
  assert.equal(client.progress?.stage, "ready");
});

test("a standby is given the WebAssembly that is compiled already, and a fresh start is not", async () => {
  const given = (index: number): unknown => {
    const [boot] = worker(index).told;
    return boot?.type === "boot" ? boot.compiled : "no boot";
  };
  const run = running();
  mock.timers.tick(500);
  assert.ok(given(1) instanceof WebAssembly.Module);
  worker(1).fail({ what: "The file a.whl could not be used.", why: "404.", file: "a.whl" });
  await settle();
  client.stop(run);
  await settle();
  client.run("page#1", cell("next"));
  assert.equal(given(FakeWorker.made.length - 1), null);
});

test("a stop before there is a standby starts one that need not compile", () => {
  client.stop(running());
  const [boot] = worker(1).told;
  assert.ok(boot?.type === "boot" && boot.compiled instanceof WebAssembly.Module);
});

test("stop before the standby is ready waits for it, and without one starts one", () => {
  const run = running();
  mock.timers.tick(500);
  client.stop(run);
  const second = client.run("page#1", cell("second"));
  assert.equal(second.state, "waiting");
  worker(1).ready();
  assert.equal(second.state, "running");
  client.stop(second);
  assert.equal(FakeWorker.made.length, 3);
  assert.ok(!worker(2).terminated);
  worker(2).ready();
  assert.equal(client.run("page#1", cell("third")).state, "running");
});

test("after a stop the next standby warms up again", () => {
  const run = running();
  mock.timers.tick(500);
  worker(1).ready();
  client.stop(run);
  mock.timers.tick(5000);
  assert.equal(FakeWorker.made.length, 2, "not before it is needed");
  client.run("page#1", cell("again"));
  mock.timers.tick(500);
  assert.equal(FakeWorker.made.length, 3);
});

test("nothing that a stopped worker still says is heard", () => {
  const run = running();
  worker(0).put(run.id, stream("kept"));
  mock.timers.tick(500);
  worker(1).ready();
  client.stop(run);
  const next = client.run("page#1", cell("next"));
  worker(0).sayTooLate({ type: "outputs", run: run.id, outputs: JSON.stringify([stream("late")]) });
  worker(0).sayTooLate({ type: "outputs", run: next.id, outputs: JSON.stringify([stream("forged")]) });
  worker(0).sayTooLate({ type: "done", run: run.id, status: "ok", seconds: 1 });
  worker(0).sayTooLate({ type: "done", run: next.id, status: "ok", seconds: 1 });
  worker(0).sayTooLate({ type: "fatal", run: run.id, reason: "late" });
  assert.deepEqual([run.state, run.outputs], ["stopped", [stream("kept")]]);
  assert.deepEqual([next.state, next.outputs], ["running", []]);
  assert.ok(!worker(1).terminated);
});

test("what a run says after its end is not put into the next one", () => {
  const run = running();
  const next = client.run("page#1", cell("next"));
  worker(0).done(run.id);
  worker(0).put(run.id, stream("late"));
  worker(0).done(run.id);
  assert.deepEqual([run.outputs, next.outputs], [[], []]);
  assert.deepEqual([run.state, next.state], ["done", "running"]);
});

test("stop drops what waited for that Python, and says why", () => {
  const run = running();
  const waiting = client.run("page#2", cell("waiting"));
  client.stop(run);
  assert.equal(waiting.state, "dropped");
  assert.match(waiting.reason, /restarted/);
  worker(1).ready();
  assert.deepEqual(worker(1).runs, []);
});

test("a run that waits is withdrawn without harm to the others", () => {
  const run = running();
  const [second, third] = [client.run("page#2", cell("2")), client.run("page#3", cell("3"))];
  client.stop(second);
  assert.deepEqual([run.state, second.state, third.state], ["running", "stopped", "waiting"]);
  assert.ok(!worker(0).terminated);
  worker(0).done(run.id);
  assert.deepEqual(worker(0).runs, [run.id, third.id]);
});

test("stop while Python starts lets it go on starting", () => {
  const run = client.run("page#1", cell("1"));
  client.stop(run);
  assert.equal(run.state, "stopped");
  assert.ok(!worker(0).terminated);
  worker(0).ready();
  assert.deepEqual(worker(0).runs, []);
  assert.equal(client.run("page#1", cell("2")).state, "running");
});

test("stopping what has ended changes nothing", () => {
  const run = running();
  worker(0).done(run.id);
  const next = client.run("page#1", cell("next"));
  client.stop(run);
  assert.deepEqual([run.state, next.state], ["done", "running"]);
  assert.ok(!worker(0).terminated);
});

test("a fatal error crashes the run, drops the queue and restarts Python", () => {
  const run = running();
  const waiting = client.run("page#2", cell("waiting"));
  mock.timers.tick(500);
  worker(1).ready();
  worker(0).put(run.id, stream("kept"));
  worker(0).say({ type: "fatal", run: run.id, reason: "RangeError: Maximum call stack size exceeded" });
  assert.deepEqual([run.state, run.reason], ["crashed", "RangeError: Maximum call stack size exceeded"]);
  assert.deepEqual(run.outputs, [stream("kept")]);
  assert.equal(waiting.state, "dropped");
  assert.ok(worker(0).terminated);
  assert.equal(client.run("page#1", cell("again")).state, "running");
  assert.equal(worker(1).runs.length, 1);
});

test("a worker that breaks once it is ready is a fatal error", () => {
  const run = running();
  worker(0).break("Uncaught error");
  assert.deepEqual([run.state, run.reason], ["crashed", "Uncaught error"]);
});

test("Python that dies between two runs is replaced in silence", () => {
  const run = running();
  worker(0).done(run.id);
  worker(1).ready();
  worker(0).say({ type: "fatal", run: null, reason: "odd" });
  assert.equal(run.state, "done");
  assert.equal(client.run("page#1", cell("again")).state, "running");
  assert.equal(worker(1).runs.length, 1);
});

test("a failed start fails all that wait, and the next run starts Python with fresh files", async () => {
  const runs = [client.run("page#1", cell("1")), client.run("page#2", cell("2"))];
  const failure = { what: "The file a.whl could not be used.", why: "404.", file: "a.whl" };
  worker(0).fail(failure);
  await settle();
  assert.deepEqual(
    runs.map((run) => [run.state, run.failure]),
    [
      ["failed", failure],
      ["failed", failure],
    ],
  );
  assert.ok(worker(0).terminated);
  assert.equal(client.progress, null);
  assert.equal(FakeWorker.made.length, 1, "it is not started again by itself");

  const again = client.run("page#1", cell("1"));
  assert.equal(FakeWorker.made.length, 2);
  assert.ok(worker(1).fresh);
  worker(1).ready();
  assert.equal(again.state, "running");
  client.stop(again);
  assert.ok(!worker(2).fresh, "after a good start the cache is trusted again");
});

test("a start that fails without naming a file is looked into", async () => {
  served({ [build.files[1]?.url ?? ""]: answer(null, "text/plain") });
  const run = client.run("page#1", cell("1"));
  worker(0).fail({ what: "Python could not start.", why: "odd" });
  await settle();
  assert.equal(run.state, "failed");
  assert.equal(run.failure?.file, "pyodide.asm.wasm");
});

test("a start that fails for no reason to be found says its own", async () => {
  const run = client.run("page#1", cell("1"));
  worker(0).fail({ what: "Python could not start.", why: "odd" });
  await settle();
  assert.deepEqual(run.failure, { what: "Python could not start.", why: "odd" });
});

test("a worker script that does not load is a failed start, and is named", async () => {
  served({ [build.workerUrl]: answer(null, "text/html", 404) });
  const run = client.run("page#1", cell("1"));
  worker(0).break();
  await settle();
  assert.equal(run.state, "failed");
  assert.equal(run.failure?.file, "worker-1.js");
});

test("a run that comes while a failed start is looked into fails with the others", async () => {
  client.run("page#1", cell("1"));
  worker(0).fail({ what: "Python could not start.", why: "odd" });
  const late = client.run("page#2", cell("2"));
  await settle();
  assert.equal(late.state, "failed");
});

test("a standby that could not start is no trouble until it is needed, and then Python is started anew", async () => {
  const run = running();
  mock.timers.tick(500);
  worker(1).fail({ what: "The file a.whl could not be used.", why: "404.", file: "a.whl" });
  await settle();
  assert.equal(run.state, "running");
  client.stop(run);
  const next = client.run("page#1", cell("next"));
  await settle();
  assert.equal(next.state, "waiting");
  assert.ok(worker(2).fresh);
  worker(2).ready();
  assert.equal(next.state, "running");
});

test("a start that falls silent says so, and goes on if something comes after all", async () => {
  const run = client.run("page#1", cell("1"));
  mock.timers.tick(14_999);
  await settle();
  assert.equal(client.silent, false);
  mock.timers.tick(1);
  await settle();
  assert.equal(client.silent, true);
  assert.equal(run.state, "waiting");
  worker(0).say({ type: "progress", stage: "download", loaded: 1, total: 16 });
  assert.equal(client.silent, false);
  mock.timers.tick(14_999);
  await settle();
  assert.equal(client.silent, false, "the watch begins anew with each sign of life");
  worker(0).ready();
  mock.timers.tick(60_000);
  await settle();
  assert.equal(client.silent, false, "a long run is no silence");
  assert.equal(run.state, "running");
});

test("Python that becomes ready while its silence is looked into is not called silent", async () => {
  client.run("page#1", cell("1"));
  mock.timers.tick(15_000);
  worker(0).ready();
  await settle();
  assert.equal(client.silent, false);
});

test("a silence with a cause is a failure", async () => {
  served({ [build.files[2]?.url ?? ""]: new TypeError("network") });
  const run = client.run("page#1", cell("1"));
  mock.timers.tick(15_000);
  await settle();
  assert.deepEqual([run.state, run.failure?.file], ["failed", "labs.whl"]);
  assert.equal(client.silent, false);
});

test("a restart gives up the start that hangs and keeps what waits", async () => {
  const run = client.run("page#1", cell("1"));
  mock.timers.tick(15_000);
  await settle();
  client.restart();
  assert.ok(worker(0).terminated);
  assert.equal(client.silent, false);
  assert.ok(worker(1).fresh);
  worker(1).ready();
  assert.equal(run.state, "running");
});
