/**
 * The place of a display that changes while a run goes on. The reader sees its last whole drawing until the next one is
 * there. States that come while one is being drawn are passed over, but never the last.
 * The place has the attribute `data-redrawing` as long as something newer is to be drawn.
 */

import type { DisplayOutput } from "../runtime/messages";
import { redrawChart } from "./chart";
import { element } from "./dom";
import { drawBundle } from "./mime";
import { isBox, refill, whenDrawn } from "./redrawn";

export class DisplayPlace {
  /** What changes by itself is not read aloud. */
  readonly element = element("div", { class: "lab-display", "aria-live": "off" });
  #shown: HTMLElement;
  #next: DisplayOutput | null = null;
  #busy = false;

  constructor(first: DisplayOutput) {
    this.#shown = drawBundle(first.data, first.metadata ?? {});
    this.element.append(this.#shown);
  }

  /** Show this state instead, as soon as may be. */
  put(state: DisplayOutput): void {
    this.#next = state;
    if (!this.#busy) void this.#work();
  }

  async #work(): Promise<void> {
    this.#busy = true;
    this.element.setAttribute("data-redrawing", "");
    await whenDrawn(this.#shown);
    while (this.#next !== null) {
      const state = this.#next;
      this.#next = null;
      const began = performance.now();
      await this.#draw(state);
      // Half of the time at most goes into drawing: the rest is the reader's, who may want to press something.
      if (this.#next !== null) await pause(performance.now() - began);
    }
    this.element.removeAttribute("data-redrawing");
    this.#busy = false;
  }

  async #draw({ data, metadata = {} }: DisplayOutput): Promise<void> {
    const redrawn = redrawChart(this.#shown, data, metadata);
    if (redrawn !== null) return redrawn;
    const made = drawBundle(data, metadata);
    if (isBox(this.#shown) && isBox(made)) return refill(this.#shown, made);
    made.toggleAttribute("data-unseen", true);
    this.element.append(made);
    await whenDrawn(made);
    this.#shown.remove();
    made.removeAttribute("data-unseen");
    this.#shown = made;
  }
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
