/**
 * What one run of a lab shows: its displays under a label, and its progress apart, where it does not move them.
 * It is laid out unseen while it is being made, so that it can take the place of the picture before it in one step.
 */

import type { Output } from "../runtime/messages";
import type { Run } from "../runtime/run";
import { element } from "./dom";
import { OutputView } from "./output-view";
import type { Value, Values } from "./values";

type ErrorOutput = Output & { output_type: "error" };

const LONGEST_DRAWING_MS = 2_000;
const PROGRESS = "progress-";

/** A picture that the reader sees: the page's own, or a run's. */
export class Picture {
  readonly element: HTMLElement;
  readonly values: Values;
  /** The run that made it; null for the page's own. */
  readonly run: Run | null = null;
  #mark = element("span", { class: "lab-panel__mark" }, " · from before your change");

  constructor(host: HTMLElement, values: Values) {
    this.element = host;
    this.values = values;
    host.querySelector(".lab-cell__label")?.append(this.#mark);
  }

  /** Mark it as made with other values than those that the controls show. */
  set stale(stale: boolean) {
    this.element.toggleAttribute("data-stale", stale);
  }
}

export class RunPicture extends Picture {
  override readonly run: Run;
  /** Bars of progress. */
  readonly progress = element("div", { class: "lab-panel__progress" });
  /** The error that ended the run, if one did. */
  error: ErrorOutput | null = null;
  #made: HTMLElement;
  #view: OutputView;
  #bars = new OutputView(this.progress);
  #count = 0;
  #awaited = false;

  constructor(run: Run, label: string) {
    const made = element("span");
    const output = element("div", { class: "lab-output" });
    const tag = element("span", { class: `lab-label lab-label--${label}` }, label);
    const head = element("p", { class: "lab-cell__label" }, tag, " ", made);
    super(element("div", { class: "lab-panel__picture" }, head, output), valuesOf(run));
    this.run = run;
    this.#made = made;
    this.#view = new OutputView(output);
    this.put(run.outputs);
    this.tell();
  }

  /** Whether there is anything to see. */
  get empty(): boolean {
    return this.#count === 0;
  }

  put(outputs: Output[]): void {
    const [bars, shown] = [[] as Output[], [] as Output[]];
    for (const output of outputs) {
      if (output.output_type === "error") this.error = output;
      else if ("display_id" in output && output.display_id?.startsWith(PROGRESS)) bars.push(output);
      else shown.push(output);
    }
    this.#count += shown.length;
    this.#view.append(shown);
    this.#bars.append(bars);
  }

  /** Say how it was made, as things stand. */
  tell(): void {
    const { state, active } = this.run;
    this.#made.textContent = active
      ? "running here, now"
      : state === "done"
        ? "ran here, in your browser"
        : "ran here, but not to its end";
    if (active) return;
    this.#view.flush();
    this.#bars.flush();
  }

  /** Lay it out unseen, or show it. */
  set seen(seen: boolean) {
    this.element.toggleAttribute("data-unseen", !seen);
  }

  /** Show it while it is being made, once what it has so far is drawn and as long as `wanted` says so. */
  async reveal(wanted: () => boolean): Promise<void> {
    if (this.#awaited || this.empty) return;
    this.#awaited = true;
    await this.#gone("[data-drawing]");
    if (wanted()) this.seen = true;
  }

  /** Wait until its charts and tables are drawn, in their last state, within reason. */
  drawn(): Promise<void> {
    return this.#gone("[data-drawing], [data-redrawing]");
  }

  async #gone(mark: string): Promise<void> {
    const late = performance.now() + LONGEST_DRAWING_MS;
    do await new Promise(requestAnimationFrame);
    while (this.element.querySelector(mark) !== null && performance.now() < late);
  }

  /** Write nothing any more. */
  stop(): void {
    this.#view.stop();
    this.#bars.stop();
  }
}

/** The values that a run of a lab was asked for. */
export function valuesOf(run: Run): Values {
  if (run.call.kind !== "lab") throw new Error(`A panel shows runs of labs; this is one of a ${run.call.kind}.`);
  return run.call.values as Record<string, Value>;
}
