/** The parts that `<lab-cell>` adds to what the build has written. */

import { disclosure } from "./disclosure";
import { element } from "./dom";
import type { LabCell } from "./lab-cell";
import { Notes } from "./notes";
import { OutputView } from "./output-view";
import { button, RunStatus } from "./run-status";

export const KEYS = "Shift+Enter runs the cell. Tab leaves the code. Ctrl+] and Ctrl+[ indent.";

export interface Parts {
  run: HTMLButtonElement;
  stop: HTMLButtonElement;
  reset: HTMLButtonElement;
  /** Run the cells above again: for after a restart of Python. */
  again: HTMLButtonElement;
  status: RunStatus;
  notes: Notes;
  live: HTMLElement;
  made: HTMLElement;
  output: OutputView;
}

export interface Actions {
  run(): void;
  stop(): void;
  reset(): void;
  runAbove(): void;
  runAll(): void;
  bringBack(): void;
  copy(): void;
  share(): void;
  /** A place in a traceback was chosen. */
  goTo(cell: string, line: number): void;
  /** What the menu can offer now. */
  offers(): { above: boolean; all: boolean; bringBack: boolean };
}

export function buildParts(host: LabCell, code: HTMLElement, number: string, on: Actions): Parts {
  const run = button("Run", `Run cell ${number}`, on.run, "lab-button--run");
  const stop = button("Stop", `Stop cell ${number}`, on.stop, "lab-button--stop");
  const reset = button("Reset", `Reset cell ${number} to the author’s code`, on.reset);
  const again = button("Run the cells above again", `Run the cells above cell ${number} again`, on.runAbove);
  for (const later of [stop, reset, again]) later.hidden = true;
  const status = new RunStatus(host.client, `to run cell ${number}`, on.run);
  const notes = new Notes(() => run);

  const label = host.getAttribute("label") === "illustrative" ? "illustrative" : "live";
  const made = element("span");
  const tag = element("span", { class: `lab-label lab-label--${label}` }, label);
  const log = element("div", {
    class: "lab-output",
    role: "log",
    "aria-label": `Output of cell ${number}`,
    tabindex: "-1",
  });
  const live = element("div", { class: "lab-cell__live" }, element("p", { class: "lab-cell__label" }, tag, " ", made));
  live.append(log);
  live.hidden = true;

  const bar = element("div", { class: "lab-cell__bar" }, run, stop, reset, again, status.line, buildMenu(number, on));
  code.before(notes.place);
  code.after(bar, status.boot, status.failure);
  host.append(live);
  return { run, stop, reset, again, status, notes, live, made, output: new OutputView(log, on.goTo) };
}

function buildMenu(number: string, on: Actions): HTMLElement {
  const item = (text: string, act: () => void): HTMLButtonElement => {
    const made = element("button", { type: "button", class: "lab-button" }, text);
    made.addEventListener("click", act);
    return made;
  };
  const above = item("Run all above", on.runAbove);
  const all = item("Run all cells", on.runAll);
  const bringBack = item("Bring back my other version", on.bringBack);
  const items = [above, all, item("Copy the code", on.copy), item("Copy a link with my code", on.share), bringBack];
  const keys = element("p", { class: "lab-menu__keys" }, KEYS);
  return disclosure("More", `More for cell ${number}`, [...items, keys], () => {
    const offers = on.offers();
    above.hidden = !offers.above;
    all.hidden = !offers.all;
    bringBack.hidden = !offers.bringBack;
  });
}
