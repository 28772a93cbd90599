/** Archives of Python modules, read as they lie. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { entries, placeArchive } from "../../overrides/browser/runtime/archive";
import { bytes, zip } from "./zip";

const CONTENTS = {
  "a/__init__.pyc": "one",
  "a/b/deep.pyc": "two, longer",
  "a/b/": "",
  "größe.txt": "",
  "top.py": "x = 1\n",
};

test("every file is found, folders are not", () => {
  const found = [...entries(zip(CONTENTS))].map(([name, content]) => [name, new TextDecoder().decode(content)]);
  assert.deepEqual(
    found,
    Object.entries(CONTENTS).filter(([name]) => !name.endsWith("/")),
  );
});

test("an archive may lie within other bytes", () => {
  const archive = zip({ "a.py": "pass" });
  const whole = new Uint8Array(archive.length + 7);
  whole.set(archive, 7);
  const [[name, content]] = [...entries(whole.subarray(7))] as [[string, Uint8Array]];
  assert.deepEqual([name, new TextDecoder().decode(content)], ["a.py", "pass"]);
});

test("files are placed below the folder, each folder made once, and no byte is copied", () => {
  const archive = zip(CONTENTS);
  const folders: string[] = [];
  const placed = new Map<string, Uint8Array>();
  placeArchive(
    {
      mkdirTree: (path) => folders.push(path),
      writeFile: (path, data, { canOwn }) => {
        assert.ok(canOwn);
        assert.equal(data.buffer, archive.buffer);
        placed.set(path, data);
      },
    },
    archive,
    "/lib",
  );
  assert.deepEqual(folders, ["/lib/a", "/lib/a/b", "/lib"]);
  assert.deepEqual([...placed.keys()], ["/lib/a/__init__.pyc", "/lib/a/b/deep.pyc", "/lib/größe.txt", "/lib/top.py"]);
});

test("packed entries and other files are refused", () => {
  assert.throws(() => [...entries(zip({ "a.py": "x" }, 8))], /a.py is packed/);
  assert.throws(() => [...entries(bytes("<!doctype html> and nothing that ends an archive"))], /has no directory/);
  assert.throws(() => [...entries(new Uint8Array())], /has no directory/);
});
