/** The page as a file for Jupyter: the build ships it with the author's code, the reader's edits are put in here. */

export interface NotebookCell {
  id: string;
  cell_type: "code" | "markdown";
  source: string;
  metadata: { name?: string; tags?: string[] };
}

export interface Notebook {
  nbformat: number;
  nbformat_minor: number;
  metadata: Record<string, unknown>;
  cells: NotebookCell[];
}

const PERCENT_HEAD = `# ---
# jupyter:
#   jupytext:
#     text_representation:
#       extension: .py
#       format_name: percent
#   kernelspec:
#     display_name: Python 3
#     language: python
#     name: python3
# ---
`;

/** The notebook that the build shipped. Throws if the text is something else, a server's error page for instance. */
export function parseNotebook(text: string): Notebook {
  const value = JSON.parse(text) as Partial<Notebook> | null;
  if (value?.nbformat !== 4 || !Array.isArray(value.cells)) throw new Error("The server sent no notebook.");
  // The format has texts whole or as lists of lines.
  const cells = value.cells.map((cell) => ({ ...cell, source: [cell.source].flat().join("") }));
  return { ...(value as Notebook), cells };
}

/** The notebook with other code in the cells of these names. */
export function withCode(notebook: Notebook, code: ReadonlyMap<string, string>): Notebook {
  const cells = notebook.cells.map((cell) => {
    const source = cell.metadata.name === undefined ? undefined : code.get(cell.metadata.name);
    return cell.cell_type === "code" && source !== undefined ? { ...cell, source } : cell;
  });
  return { ...notebook, cells };
}

/** As an `.ipynb` file. */
export function toIpynb(notebook: Notebook): string {
  return `${JSON.stringify(notebook, null, 1)}\n`;
}

/** As a `.py` file in the percent format, which Jupytext and most editors read as a notebook. */
export function toPercent(notebook: Notebook): string {
  const cells = notebook.cells.map(({ cell_type, source, metadata }) => {
    if (cell_type === "code") return `# %%${options(metadata)}\n${source}\n`;
    const lines = source.split("\n").map((line) => `# ${line}`.trimEnd());
    return `# %% [markdown]\n${lines.join("\n")}\n`;
  });
  return [PERCENT_HEAD, ...cells].join("\n");
}

function options({ name, tags }: NotebookCell["metadata"]): string {
  const named = name === undefined ? "" : ` name=${JSON.stringify(name)}`;
  return tags === undefined || tags.length === 0 ? named : `${named} tags=${JSON.stringify(tags)}`;
}
