/** A trained model's weights arrive whole, or a text says what is wrong with which file. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { checkpointFetcher } from "../../overrides/browser/runtime/checkpoints";
import { Requests } from "./requests";

const CHECKPOINTS = { url: "https://site.test/runtime/checkpoints-1/", files: { "base.npz": 2_340_000, "sft.npz": 4 } };

/** A fetcher whose requests get these answers, of so many bytes; null is a connection that fails. */
function fetcher(...answers: ({ status: number; bytes: number } | null)[]) {
  const requests = new Requests(answers.map((one) => one && { status: one.status, body: new Uint8Array(one.bytes) }));
  return { requests, fetch: checkpointFetcher(CHECKPOINTS, requests.note, requests.next) };
}

test("the bytes come from the checkpoints' folder, and the reader is told meanwhile", () => {
  const { requests, fetch } = fetcher({ status: 200, bytes: 2_340_000 }, { status: 200, bytes: 4 });
  const bytes = fetch("base.npz");
  assert.ok(bytes instanceof Uint8Array);
  assert.equal(bytes.byteLength, 2_340_000);
  assert.deepEqual(requests.notes, ["Loading the model base, 2.3 MB…", ""]);
  assert.ok(fetch("sft.npz") instanceof Uint8Array);
  assert.deepEqual(requests.asked, [`${CHECKPOINTS.url}base.npz`, `${CHECKPOINTS.url}sft.npz`]);
});

for (const [name, answer, why] of [
  ["missing", { status: 404, bytes: 10 }, "could not be used. The server answered 404 instead of sending it."],
  ["cut short", { status: 200, bytes: 3 }, "arrived incomplete. 3 of 4 bytes came."],
  ["unreachable", null, "could not be fetched. The connection failed or was blocked."],
] as const) {
  test(`a file that is ${name} is named, and asked for anew the next time`, () => {
    const good = { status: 200, bytes: 4 };
    const { requests, fetch } = fetcher(answer, good, good);
    assert.equal(fetch("sft.npz"), `The file sft.npz ${why} Check your connection and run this again.`);
    assert.equal(requests.notes.at(-1), "");
    assert.ok(fetch("sft.npz") instanceof Uint8Array);
    assert.ok(fetch("sft.npz") instanceof Uint8Array);
    const [first, second, third] = requests.asked;
    assert.match(second ?? "", /sft\.npz\?\d+$/, "past the browser's cache");
    assert.deepEqual([first, third], [`${CHECKPOINTS.url}sft.npz`, `${CHECKPOINTS.url}sft.npz`]);
  });
}

test("a model that the site was built without is not asked for", () => {
  const { fetch } = fetcher();
  assert.match(String(fetch("reward.npz")), /^The file reward\.npz is not part of this site: run `python/);
});
