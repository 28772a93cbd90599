/**
 * Vega-Lite charts: a figure with title, picture, text alternative and data. The drawing library is loaded with the first.
 * The figure has the attribute `data-drawing` until its picture is there.
 */

import type { VisualizationSpec } from "vega-embed";
import type { MimeBundle } from "../runtime/messages";
import theme from "./chart-theme.json";
import { element } from "./dom";
import { isolated } from "./isolated-html";

export const VEGA_LITE = "application/vnd.vegalite.v6+json";

const ERRORS_ONLY = 1;

/** What was drawn and must be let go once its place has left the page: a chart listens to the window's size. */
const drawn = new Map<HTMLElement, () => void>();

export function drawChart(data: MimeBundle, metadata: Record<string, unknown>): HTMLElement {
  const { title, alt } = described(metadata[VEGA_LITE]);
  // Vega takes the element that it draws into for its own, name and all: ours, with the name, stays around it.
  const canvas = element("div", { "aria-hidden": "true" });
  const picture = element("div", { class: "lab-chart__picture", role: "img", "aria-label": alt }, canvas);
  const table = data["text/html"];
  const details = element("details", {}, element("summary", {}, "Description and data"), element("p", {}, alt));
  if (typeof table === "string") details.append(isolated(table));
  const figure = element("figure", { class: "lab-chart", "data-drawing": "" });
  figure.append(element("figcaption", {}, title), picture, details);
  draw(canvas, data[VEGA_LITE] as VisualizationSpec)
    .catch((error: unknown) => {
      picture.replaceWith(element("p", { class: "lab-notice" }, `The chart could not be drawn: ${String(error)}`));
      details.open = true;
    })
    .finally(() => figure.removeAttribute("data-drawing"));
  return figure;
}

function described(value: unknown): { title: string; alt: string } {
  const { title, alt } = (value ?? {}) as Record<string, unknown>;
  return { title: String(title ?? "Chart"), alt: String(alt ?? title ?? "A chart made by the cell") };
}

async function draw(place: HTMLElement, spec: VisualizationSpec): Promise<void> {
  const [{ default: embed }, { expressionInterpreter }] = await Promise.all([
    import("vega-embed"),
    import("vega-interpreter"),
  ]);
  letGo();
  const { finalize } = await embed(place, spec, {
    actions: false,
    ast: true,
    config: theme as object,
    defaultStyle: false,
    expr: expressionInterpreter,
    logLevel: ERRORS_ONLY,
    renderer: "svg",
    tooltip: false,
    loader: { load: () => Promise.reject(new Error("charts carry their data with them; nothing is fetched")) } as never,
  });
  drawn.set(place, finalize);
}

function letGo(): void {
  for (const [place, finalize] of drawn) {
    if (place.isConnected) continue;
    finalize();
    drawn.delete(place);
  }
}
