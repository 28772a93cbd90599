/**
 * Draws the outputs of a run into a log region. It is append-only (a display that is updated changes in place), writes
 * at most every 100 ms, and stops reading itself aloud when the output becomes long.
 */

import { splitTraceback } from "../logic/traceback";
import type { DisplayOutput, Output } from "../runtime/messages";
import { DisplayPlace } from "./display-place";
import { element } from "./dom";
import { drawBundle, plainText } from "./mime";

const WRITE_EVERY_MS = 100;
const LINES_READ_ALOUD = 20;

export class OutputView {
  #log: HTMLElement;
  #go: ((cell: string, line: number) => void) | null;
  #waiting: Output[] = [];
  #timer = 0;
  #written = 0;
  #lines = 0;
  #displays = new Map<string, DisplayPlace>();

  /** `go` brings the reader to a line of a cell; with it, places that a traceback names become buttons. */
  constructor(log: HTMLElement, go: ((cell: string, line: number) => void) | null = null) {
    this.#log = log;
    this.#go = go;
  }

  clear(): void {
    this.stop();
    this.#waiting = [];
    this.#displays.clear();
    this.#lines = 0;
    this.#log.setAttribute("aria-live", "polite");
    this.#log.replaceChildren();
  }

  /** Show the outputs: at once, or together with others when the last writing was a moment ago. */
  append(outputs: Output[]): void {
    if (outputs.length === 0) return;
    this.#waiting.push(...outputs);
    if (this.#timer !== 0) return;
    const due = this.#written + WRITE_EVERY_MS - performance.now();
    if (due <= 0) this.flush();
    else this.#timer = window.setTimeout(() => this.flush(), due);
  }

  /** Write what waits. */
  flush(): void {
    this.stop();
    if (this.#waiting.length === 0) return;
    this.#written = performance.now();
    const fragment = document.createDocumentFragment();
    let last = this.#log.lastElementChild;
    for (const output of merged(this.#waiting.splice(0))) {
      const drawn = this.#draw(output, last);
      if (drawn === null) continue;
      fragment.append(drawn);
      last = drawn;
    }
    this.#log.append(fragment);
  }

  stop(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** The element to add, or null if the output went into one that is there. */
  #draw(output: Output, last: Element | null): HTMLElement | null {
    switch (output.output_type) {
      case "stream": {
        this.#count(output.text);
        if (last instanceof HTMLElement && last.dataset["stream"] === output.name) {
          last.append(output.text);
          return null;
        }
        const pre = element("pre", { class: `lab-stream lab-stream--${output.name}` }, output.text);
        pre.dataset["stream"] = output.name;
        return pre;
      }
      case "error":
        return this.#error(output.traceback);
      case "notice":
        return element("p", { class: "lab-notice" }, output.text);
      case "display_data":
      case "execute_result":
      case "update_display_data":
        return this.#display(output);
    }
  }

  #display(output: DisplayOutput): HTMLElement | null {
    const id = output.display_id ?? null;
    if (id === null) {
      this.#count(plainText(output.data));
      return drawBundle(output.data, output.metadata ?? {});
    }
    const known = this.#displays.get(id);
    if (known !== undefined) {
      known.put(output);
      return null;
    }
    const place = new DisplayPlace(output);
    this.#displays.set(id, place);
    return place.element;
  }

  #error(traceback: string): HTMLElement {
    const go = this.#go;
    if (go === null) return element("pre", { class: "lab-error" }, traceback);
    const pieces = splitTraceback(traceback).map(({ text, cell, line }) => {
      if (cell === undefined || line === undefined) return text;
      const made = element("button", { type: "button", class: "lab-line" }, text);
      made.addEventListener("click", () => go(cell, line));
      return made;
    });
    return element("pre", { class: "lab-error" }, ...pieces);
  }

  #count(text: string): void {
    this.#lines += text.split("\n").length - 1;
    if (this.#lines > LINES_READ_ALOUD) this.#log.setAttribute("aria-live", "off");
  }
}

/** Neighbouring pieces of the same stream as one, and of a display's states the last. */
function merged(outputs: Output[]): Output[] {
  const found: Output[] = [];
  const places = new Map<string, number>();
  for (const output of outputs) {
    const last = found.at(-1);
    if (output.output_type === "stream" && last?.output_type === "stream" && last.name === output.name) {
      found[found.length - 1] = { ...last, text: last.text + output.text };
      continue;
    }
    const id = "display_id" in output ? (output.display_id ?? null) : null;
    const place = id === null ? undefined : places.get(id);
    if (place !== undefined) {
      found[place] = output;
      continue;
    }
    if (id !== null) places.set(id, found.length);
    found.push(output);
  }
  return found;
}
