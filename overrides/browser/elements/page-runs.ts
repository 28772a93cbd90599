/** Runs of several cells of a page, one after the other. */

import type { Client } from "../runtime/client";
import type { LabCell } from "./lab-cell";

/** The cells of the document that share variables under this page's name, in order. */
export function cellsOf(page: string): LabCell[] {
  return [...document.querySelectorAll<LabCell>("lab-cell")].filter((cell) => cell.getAttribute("page") === page);
}

/** Run these cells in order. An error drops those after it, unless it is in a cell that is meant to raise one. */
export function runInOrder(client: Client, cells: LabCell[]): void {
  const runs = cells.map((cell) => cell.run());
  for (const [place, run] of runs.entries()) {
    const cell = cells[place];
    if (cell === undefined || cell.hasAttribute("raises")) continue;
    run.addEventListener("change", () => {
      const reason = `cell ${cell.getAttribute("number")} ended with an error.`;
      if (run.state === "error") client.drop(runs.slice(place + 1), reason);
    });
  }
}
