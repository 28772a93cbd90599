/** A lab's folder is fetched and placed when Python asks for it, or a text says what is wrong with which file. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { test } from "node:test";
import { labPlacer } from "../../overrides/browser/runtime/labs";
import { type Answer, Requests } from "./requests";
import { zip } from "./zip";

const ARCHIVE = zip({ "labs/gap/__init__.py": "", "labs/gap/lab.py": "x = 1\n" });
const GOOD = { status: 200, body: ARCHIVE };
const URL = "https://site.test/runtime/lab-1/gap.zip";

const hash = (bytes: Uint8Array): string => createHash("sha256").update(bytes).digest("base64");
const LABS = { gap: { url: URL, size: ARCHIVE.byteLength, sha256: hash(ARCHIVE), exercises: ["exercise"] } };

/** A placer whose requests get these answers, and what it has placed. */
function placer(...answers: (Answer | null)[]) {
  const requests = new Requests(answers);
  const placed: string[] = [];
  const files = { mkdirTree: () => {}, writeFile: (path: string) => placed.push(path) };
  const place = labPlacer(LABS, files, "/site", requests.note, requests.next);
  return { requests, placed, place: (slug: string) => place(slug, hash) };
}

test("a lab's files are placed, and the reader is told meanwhile", () => {
  const { requests, placed, place } = placer(GOOD);
  assert.deepEqual(requests.asked, [], "nothing is fetched before it is asked for");
  assert.equal(place("gap"), "");
  assert.deepEqual(placed, ["/site/labs/gap/__init__.py", "/site/labs/gap/lab.py"]);
  assert.deepEqual(requests.asked, [URL]);
  assert.deepEqual(requests.notes, ["Loading the lab gap…", ""]);
});

const other = ARCHIVE.slice();
other[40] = 255;

for (const [name, answer, why] of [
  ["missing", { status: 404, body: ARCHIVE }, "could not be used. The server answered 404 instead of sending it."],
  ["cut short", { status: 200, body: new Uint8Array(3) }, `arrived incomplete. 3 of ${ARCHIVE.byteLength} bytes came.`],
  ["damaged", { status: 200, body: other }, "arrived damaged. Its content is not what this site was built with."],
  ["unreachable", null, "could not be fetched. The connection failed or was blocked."],
] as const) {
  test(`an archive that is ${name} is named, nothing of it is placed, and it is asked for anew the next time`, () => {
    const { requests, placed, place } = placer(answer, GOOD);
    assert.equal(place("gap"), `The file gap.zip ${why} Check your connection and run this again.`);
    assert.equal(requests.notes.at(-1), "");
    assert.deepEqual(placed, []);
    assert.equal(place("gap"), "");
    assert.equal(placed.length, 2);
    assert.match(requests.asked[1] ?? "", /gap\.zip\?\d+$/, "past the browser's cache");
  });
}

test("a lab that the build knows nothing of is a fault of ours", () => {
  assert.throws(() => placer().place("gone"), /no lab gone/);
});
