/** The page as a file: the reader's code in its place, everything else as the build wrote it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseNotebook, toIpynb, toPercent, withCode } from "../../overrides/browser/logic/notebook-file";

const SHIPPED = {
  nbformat: 4,
  nbformat_minor: 5,
  metadata: { kernelspec: { name: "python3" } },
  cells: [
    { id: "text_1", cell_type: "markdown", source: "# Title\n\ntext", metadata: {} },
    { id: "one", cell_type: "code", source: "x = 1", metadata: { name: "one" }, outputs: [], execution_count: null },
    { id: "two", cell_type: "code", source: "y", metadata: { name: "two", tags: ["raises-exception"] }, outputs: [] },
  ],
};
const notebook = parseNotebook(JSON.stringify(SHIPPED));

test("an edit goes into its own cell and nowhere else", () => {
  const edited = JSON.parse(
    toIpynb(
      withCode(
        notebook,
        new Map([
          ["one", "x = '😀\ud800'"],
          ["gone", "z"],
        ]),
      ),
    ),
  );
  assert.equal(edited.cells[1].source, "x = '😀\ud800'");
  edited.cells[1].source = "x = 1";
  assert.deepEqual(edited, SHIPPED);
});

test("the percent format has text as comments, and names and tags", () => {
  const text = toPercent(withCode(notebook, new Map([["two", "y = 2\n\nprint(y)"]])));
  assert.ok(text.startsWith("# ---\n# jupyter:\n"));
  assert.ok(
    text.endsWith(`# %% [markdown]
# # Title
#
# text

# %% name="one"
x = 1

# %% name="two" tags=["raises-exception"]
y = 2

print(y)
`),
  );
});

test("texts that are written as lists of lines are read whole", () => {
  const cells = [{ id: "one", cell_type: "code", source: ["x = 1\n", "y = 2"], metadata: {} }];
  assert.equal(parseNotebook(JSON.stringify({ ...SHIPPED, cells })).cells[0]?.source, "x = 1\ny = 2");
});

test("a server's page instead of a notebook is refused", () => {
  assert.throws(() => parseNotebook("<!doctype html>"));
  assert.throws(() => parseNotebook("{}"), /no notebook/);
  assert.throws(() => parseNotebook("null"), /no notebook/);
});
