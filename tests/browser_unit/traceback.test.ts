/** Places in a traceback are found, and the text stays what Python said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { splitTraceback } from "../../overrides/browser/logic/traceback";

const TRACEBACK = `Traceback (most recent call last):
  File "<cell 3>", line 5, in <module>
    f()
  File "<cell 12>", line 10, in f
  File "/lib/python3.14/json/decoder.py", line 338, in decode
ValueError: File "<cell >", line 1`;

test("lines of cells are told from lines of the library", () => {
  const places = splitTraceback(TRACEBACK).filter(({ line }) => line !== undefined);
  assert.deepEqual(
    places.map(({ cell, line }) => [cell, line]),
    [
      ["3", 5],
      ["12", 10],
    ],
  );
});

test("the pieces together are the text", () => {
  for (const text of [TRACEBACK, "", "no place", 'File "<cell 1>", line 2']) {
    assert.equal(
      splitTraceback(text)
        .map((piece) => piece.text)
        .join(""),
      text,
    );
  }
});
