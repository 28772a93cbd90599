/** The page as a file, with the reader's edits; loaded when the reader asks for one. */

import { parseNotebook, toIpynb, toPercent, withCode } from "../logic/notebook-file";
import { element } from "./dom";

export type Format = "ipynb" | "py";

const TYPES: Record<Format, string> = { ipynb: "application/x-ipynb+json", py: "text/x-python" };
const fetched = new Map<string, string>();

/** Save the page's notebook with this code in its cells; `address` is where the build has put it. Returns its name. */
export async function download(address: string, code: ReadonlyMap<string, string>, format: Format): Promise<string> {
  const notebook = withCode(parseNotebook(await fetchOnce(address)), code);
  const text = format === "py" ? toPercent(notebook) : toIpynb(notebook);
  const stem = (new URL(address).pathname.split("/").pop() ?? "").replace(/\.ipynb$/, "");
  const name = `${stem}.${format}`;
  const url = URL.createObjectURL(new Blob([text], { type: TYPES[format] }));
  element("a", { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 60_000);
  return name;
}

/** The file's text: once here it needs no connection any more in this visit. */
async function fetchOnce(address: string): Promise<string> {
  const known = fetched.get(address);
  if (known !== undefined) return known;
  const response = await fetch(address).catch(() => null);
  if (response === null) throw new Error("The connection failed.");
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  const text = await response.text();
  parseNotebook(text);
  fetched.set(address, text);
  return text;
}
