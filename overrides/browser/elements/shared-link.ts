/**
 * Links that carry the reader's code. Making one copies it; opening one puts its code into the cells that it names,
 * with a note, and runs nothing. As long as a cell awaits the reader's decision its code stays in the address.
 */

import type { SharedCode } from "../logic/share";
import { copyText } from "./clipboard";
import type { LabCell } from "./lab-cell";
import type { Notes } from "./notes";
import { cellsOf } from "./page-runs";

const BEGINNING = "#code=";

let opened: SharedCode | null = null;
let awaited = false;

/** Copy a link with the code of the page's changed cells. */
export async function copyLink(page: string, notes: Notes, say: (text: string) => void): Promise<void> {
  const url = new URL(location.pathname, location.origin).href;
  const changed = cellsOf(page).filter((cell) => cell.changed);
  if (changed.length === 0) {
    return copyText(url, notes, () =>
      say("Link copied. You have changed no code here: it leads to the page as it is."),
    );
  }
  const cells = new Map(changed.map((cell) => [cell.name, cell.source]));
  try {
    const { encodeFragment } = await import("../logic/share");
    const link = url + (await encodeFragment({ page, cells }));
    await copyText(link, notes, () => say(`Link copied, with your code of ${numbers(changed)}.`));
  } catch (error) {
    say(error instanceof Error ? error.message : String(error));
  }
}

/** Open the code in the page's address, if any, once all cells that come with it are there. */
export function expectLink(): void {
  if (awaited || !location.hash.startsWith(BEGINNING)) return;
  awaited = true;
  queueMicrotask(() => {
    awaited = false;
    void openLink(location.hash);
  });
}

/** Follow what happens to the address and to code that came with it. */
export function watchLinks(): void {
  window.addEventListener("hashchange", expectLink);
  document.addEventListener("lab-link-settled", (event) => void settle(event.target as LabCell));
}

async function openLink(fragment: string): Promise<void> {
  const first = document.querySelector<LabCell>("lab-cell");
  if (first === null) return;
  const { decodeFragment, LinkError } = await import("../logic/share");
  const shared = await decodeFragment(fragment).catch((error: unknown) => {
    if (error instanceof LinkError) return error;
    throw error;
  });
  if (location.hash !== fragment || !first.isConnected) return;
  const notes = pageNotes(first);
  notes.clear("link");
  const close = (): void => {
    forget();
    notes.clear("link");
  };
  const dismiss = [{ text: "Close", act: close }];
  if (shared instanceof LinkError) {
    notes.show("link", `The code in this link can’t be opened. ${shared.message} The page is as you left it.`, dismiss);
    return;
  }
  const cells = cellsOf(shared.page).filter((cell) => shared.cells.has(cell.name));
  if (cells.length === 0) {
    notes.show("link", "The code in this link is for cells that this page does not have.", dismiss);
    return;
  }
  const unknown = shared.cells.size - cells.length;
  if (unknown > 0) notes.show("link", `The page no longer has ${unknown} of the cells in this link.`, dismiss);
  opened = { page: shared.page, cells: new Map(cells.map((cell) => [cell.name, shared.cells.get(cell.name) ?? ""])) };
  const left = [...opened.cells];
  for (const [name, source] of left) await cells.find((cell) => cell.name === name)?.openLinked(source);
  cells[0]?.scrollIntoView({ block: "center" });
}

/** The reader has decided about this cell: its code leaves the address. */
async function settle(cell: LabCell): Promise<void> {
  if (opened === null || cell.page !== opened.page || !opened.cells.delete(cell.name)) return;
  if (opened.cells.size === 0) return forget();
  const { encodeFragment } = await import("../logic/share");
  const fragment = await encodeFragment(opened);
  if (location.hash.startsWith(BEGINNING)) history.replaceState(history.state, "", fragment);
}

function forget(): void {
  opened = null;
  if (!location.hash.startsWith(BEGINNING)) return;
  history.replaceState(history.state, "", location.pathname + location.search);
}

/** Where to say what concerns the whole page: in its bar, or else above its first cell. */
function pageNotes(first: LabCell): Notes {
  return document.querySelector<HTMLElement & { notes: Notes }>("lab-page-bar")?.notes ?? first.notes;
}

function numbers(cells: LabCell[]): string {
  const list = new Intl.ListFormat("en").format(cells.map((cell) => cell.getAttribute("number") ?? ""));
  return `${cells.length === 1 ? "cell" : "cells"} ${list}`;
}
