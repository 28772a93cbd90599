/** The reader's own model outlives the Python in which it was trained; what can't be read breaks nothing. */

import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";
import { Client } from "../../overrides/browser/runtime/client";
import type { KeptFiles, ToWorker } from "../../overrides/browser/runtime/messages";
import { answer, build, FakeWorker, stub } from "./fakes";

const FILES: KeptFiles = { "mine.npz": new Uint8Array([1, 2, 3]), "mine.json": new Uint8Array([123, 125]) };

let client: Client;

beforeEach(() => {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
  FakeWorker.made = [];
  stub({ Worker: FakeWorker, window: globalThis, fetch: async () => answer(null, "text/javascript") });
  client = new Client(build);
});

function worker(index: number): FakeWorker {
  const found = FakeWorker.made[index];
  assert.ok(found, `worker ${index} was never made`);
  return found;
}

function restored({ told }: FakeWorker): ToWorker[] {
  return told.filter(({ type }) => type === "restore");
}

test("a kept model is announced, and given to the Python that stands by and to each later one", () => {
  let announced = 0;
  client.addEventListener("kept", () => announced++);
  const run = client.run("chat", { kind: "chat", request: "{}" });
  worker(0).ready();
  mock.timers.tick(500);
  assert.equal(client.hasKept, false);
  worker(0).say({ type: "kept", files: FILES });
  assert.deepEqual([announced, client.hasKept], [1, true]);
  assert.deepEqual(restored(worker(1)), [{ type: "restore", files: FILES }]);
  assert.deepEqual(restored(worker(0)), [], "it has the model already");
  client.stop(run);
  worker(1).ready();
  client.stop(client.run("chat", { kind: "chat", request: "{}" }));
  assert.deepEqual(restored(worker(2)), [{ type: "restore", files: FILES }]);
});

test("a Python that is started anew after it hung gets the model too", () => {
  client.run("chat", { kind: "chat", request: "{}" });
  worker(0).say({ type: "kept", files: FILES });
  client.restart();
  assert.deepEqual(restored(worker(1)), [{ type: "restore", files: FILES }]);
});

test("nothing is restored where nothing was kept", () => {
  client.run("chat", { kind: "chat", request: "{}" });
  assert.deepEqual(restored(worker(0)), []);
});

test("output that is no JSON, or no list, is told, and the run goes on", () => {
  const run = client.run("chat", { kind: "chat", request: "{}" });
  worker(0).ready();
  for (const outputs of ["{", "null", '{"a": 1}']) worker(0).say({ type: "outputs", run: run.id, outputs });
  assert.equal(run.outputs.length, 3);
  assert.ok(run.outputs.every(({ output_type: kind }) => kind === "notice"));
  worker(0).done(run.id);
  assert.equal(run.state, "done");
});
