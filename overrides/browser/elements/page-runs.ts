/** Runs of several cells of a page, one after the other. */

import type { Client } from "../runtime/client";
import type { Run } from "../runtime/run";
import type { LabCell } from "./lab-cell";

/** The cells of the document that share variables under this page's name, in order. */
export function cellsOf(page: string): LabCell[] {
  return [...document.querySelectorAll<LabCell>("lab-cell")].filter((cell) => cell.getAttribute("page") === page);
}

/**
 * Run these cells in order. An error drops those after it, unless it is in a cell that is meant to raise one.
 * Returns the runs.
 */
export function runInOrder(client: Client, cells: LabCell[]): Run[] {
  const runs = cells.map((cell) => cell.run());
  for (const [place, run] of runs.entries()) {
    const cell = cells[place];
    if (cell === undefined || cell.hasAttribute("raises")) continue;
    run.addEventListener("change", () => {
      const reason = `cell ${cell.getAttribute("number")} ended with an error.`;
      if (run.state === "error") client.drop(runs.slice(place + 1), reason);
    });
  }
  return runs;
}

/** Call `tell` with what has become of the runs, once none of them goes on. */
export function whenEnded(runs: Run[], tell: (text: string) => void): void {
  const look = (): void => {
    if (runs.some((run) => run.active)) return;
    const ended = runs.filter((run) => run.state === "done" || run.state === "error").length;
    tell(ended === runs.length ? `All ${runs.length} cells have run.` : `${ended} of ${runs.length} cells have run.`);
  };
  for (const run of runs) run.addEventListener("change", look);
}
