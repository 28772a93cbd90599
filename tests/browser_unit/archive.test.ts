/** Archives of Python modules, read as they lie. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { entries, placeArchive } from "../../overrides/browser/runtime/archive";

const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A ZIP file of these contents, with extra fields and a comment as other tools write them. */
function zip(contents: Record<string, string>, method = 0): Uint8Array {
  const parts: number[] = [];
  const directory: number[] = [];
  const number = (to: number[], value: number, size: number): void => {
    for (let i = 0; i < size; i++) to.push((value >> (8 * i)) & 255);
  };
  const names = Object.keys(contents);
  for (const name of names) {
    const [nameBytes, content] = [bytes(name), bytes(contents[name] ?? "")];
    const common = (to: number[], extra: number): void => {
      for (const [value, size] of [
        [20, 2],
        [0, 2],
        [method, 2],
        [0, 4],
        [0, 4],
        [content.length, 4],
        [content.length, 4],
      ] as const) {
        number(to, value, size);
      }
      number(to, nameBytes.length, 2);
      number(to, extra, 2);
    };
    number(directory, 0x02014b50, 4);
    number(directory, 20, 2);
    common(directory, 3);
    for (const [value, size] of [
      [5, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [parts.length, 4],
    ] as const)
      number(directory, value, size);
    directory.push(...nameBytes, 1, 2, 3, ...bytes("five!"));
    number(parts, 0x04034b50, 4);
    common(parts, 2);
    parts.push(...nameBytes, 9, 9, ...content);
  }
  const end: number[] = [];
  for (const [value, size] of [
    [0x06054b50, 4],
    [0, 4],
    [names.length, 2],
    [names.length, 2],
    [directory.length, 4],
    [parts.length, 4],
    [4, 2],
  ] as const) {
    number(end, value, size);
  }
  return new Uint8Array([...parts, ...directory, ...end, ...bytes("said")]);
}

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
