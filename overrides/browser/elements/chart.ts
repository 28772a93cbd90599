/**
 * Vega-Lite charts: a figure with title, picture, text alternative and data. It has the attribute `data-drawing` until
 * its first picture is there. Drawn anew, it keeps the one that it has until the next stands, and then changes in one
 * step; what the reader has folded out or focused stays so.
 */

import type { MimeBundle } from "../runtime/messages";
import { Drawing } from "./chart-drawing";
import { element } from "./dom";
import { isolated } from "./isolated-html";
import { refill } from "./redrawn";

export const VEGA_LITE = "application/vnd.vegalite.v6+json";

const charts = new WeakMap<Element, Chart>();

export function drawChart(data: MimeBundle, metadata: Record<string, unknown>): HTMLElement {
  const chart = new Chart(data, metadata);
  charts.set(chart.figure, chart);
  return chart.figure;
}

/** Draw another chart into the figure of an earlier one; null if this is no such figure, or the other no chart. */
export function redrawChart(
  figure: Element,
  data: MimeBundle,
  metadata: Record<string, unknown>,
): Promise<void> | null {
  return VEGA_LITE in data ? (charts.get(figure)?.show(data, metadata) ?? null) : null;
}

class Chart {
  readonly figure = element("figure", { class: "lab-chart" });
  #caption = element("figcaption");
  #picture = element("div", { class: "lab-chart__picture", role: "img" });
  #alt = element("p");
  #details = element("details", {}, element("summary", {}, "Description and data"), this.#alt);
  #canvas: HTMLElement | null = null;
  #drawing: Drawing | null = null;
  #table: HTMLElement | null = null;
  #rows: string | null = null;
  #notice: HTMLElement | null = null;

  constructor(data: MimeBundle, metadata: Record<string, unknown>) {
    this.#describe(data, metadata);
    this.#fill();
    this.figure.append(this.#caption, this.#picture, this.#details);
    this.#details.addEventListener("toggle", () => this.#fill());
    void this.show(data, metadata);
  }

  /** Draw this chart, in place of the one before. */
  async show(data: MimeBundle, metadata: Record<string, unknown>): Promise<void> {
    this.figure.toggleAttribute("data-drawing", this.#canvas === null);
    let fault = "";
    try {
      await this.#draw(data[VEGA_LITE] as Record<string, unknown>);
    } catch (error: unknown) {
      fault = String(error);
      this.#drawing = null;
    }
    this.#describe(data, metadata);
    this.#say(fault);
    this.figure.removeAttribute("data-drawing");
  }

  async #draw(spec: Record<string, unknown>): Promise<void> {
    if ((await this.#drawing?.redraw(spec)) === true) return;
    // Vega takes the element that it draws into for its own: ours, with the name, stays around it.
    const canvas = element("div", { "aria-hidden": "true" });
    canvas.toggleAttribute("data-unseen", this.#canvas !== null);
    this.#picture.hidden = false;
    this.#picture.append(canvas);
    try {
      this.#drawing = await Drawing.draw(canvas, spec);
    } finally {
      this.#canvas?.remove();
      this.#canvas = canvas;
      canvas.removeAttribute("data-unseen");
      Drawing.letGo();
    }
  }

  #describe(data: MimeBundle, metadata: Record<string, unknown>): void {
    const { title, alt } = described(metadata[VEGA_LITE]);
    this.#caption.textContent = title;
    this.#picture.setAttribute("aria-label", alt);
    this.#alt.textContent = alt;
    const table = data["text/html"];
    const rows = typeof table === "string" ? table : null;
    if (rows === this.#rows) return;
    this.#rows = rows;
    if (this.#details.open && rows !== null && this.#table !== null) {
      void refill(this.#table, isolated(rows));
      return;
    }
    // A table that nobody looks at is not written each time that a moving chart moves, but when it is folded out.
    this.#table?.remove();
    this.#table = null;
    if (this.#details.open) this.#fill();
  }

  /** Write the table, if it is not there. */
  #fill(): void {
    if (this.#table !== null || this.#rows === null) return;
    this.#table = isolated(this.#rows);
    this.#details.append(this.#table);
  }

  /** Say why there is no picture; nothing, if there is one. */
  #say(fault: string): void {
    this.#notice?.remove();
    this.#notice = null;
    this.#picture.hidden = fault !== "";
    if (fault === "") return;
    this.#notice = element("p", { class: "lab-notice" }, `The chart could not be drawn: ${fault}`);
    this.#picture.after(this.#notice);
    this.#details.open = true;
  }
}

function described(value: unknown): { title: string; alt: string } {
  const { title, alt } = (value ?? {}) as Record<string, unknown>;
  return { title: String(title ?? "Chart"), alt: String(alt ?? title ?? "A chart made by the cell") };
}
