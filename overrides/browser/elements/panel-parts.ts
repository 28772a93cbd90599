/** The parts of a panel: those that the build has written, and those that its element adds. */

import type { Client } from "../runtime/client";
import type { Control } from "./controls";
import { element } from "./dom";
import { Picture } from "./panel-picture";
import { button, RunStatus } from "./run-status";
import type { Values } from "./values";

export interface PanelParts {
  controls: Control[];
  run: HTMLButtonElement;
  stop: HTMLButtonElement;
  status: RunStatus;
  fault: HTMLElement;
  progress: HTMLElement;
  stage: HTMLElement;
  recorded: Picture;
}

export interface PanelActions {
  /** What the button that runs the lab says. */
  readonly action: string;
  run(): void;
  stop(): void;
  reset(): void;
}

/** Put controls and buttons between the panel's head and its stage; `values` made the picture that the build recorded. */
export function buildPanel(
  host: HTMLElement & PanelActions,
  client: Client,
  controls: Control[],
  values: Values,
): PanelParts {
  const find = (name: string): HTMLElement => {
    const found = host.querySelector<HTMLElement>(`.lab-panel__${name}`);
    if (found === null) throw new Error(`<lab-panel> has no .lab-panel__${name}: was it written by the build?`);
    return found;
  };
  const title = find("title").textContent ?? "";
  // “Run The gap” reads well; other words may not, such as “Train What the loss counts”.
  const name = host.action === "Run" ? `Run ${title}` : `${host.action}: ${title}`;
  const run = button(host.action, name, () => host.run(), "lab-button--run");
  const stop = button("Stop", `Stop ${title}`, () => host.stop(), "lab-button--stop");
  const reset = button("Reset", `Reset ${title} to the page's values`, () => host.reset());
  const status = new RunStatus(client, `to run ${title}`, () => host.run());
  const fault = element("div", { class: "lab-panel__fault", role: "alert" });
  const progress = element("div", { class: "lab-panel__bars" });
  for (const part of [stop, fault, progress]) part.hidden = true;

  host.querySelector(".lab-panel__values")?.remove();
  const form = element("div", { class: "lab-panel__controls", role: "group", "aria-label": `Controls of ${title}` });
  form.append(...controls.map((control) => control.element));
  const bar = element("div", { class: "lab-cell__bar" }, run, reset, stop, status.line);
  find("head").after(...(controls.length > 0 ? [form] : []), bar, status.boot, status.failure, fault, progress);
  const stage = find("stage");
  stage.setAttribute("role", "group");
  stage.setAttribute("aria-label", `Output of ${title}`);
  return { controls, run, stop, status, fault, progress, stage, recorded: new Picture(find("recorded"), values) };
}
