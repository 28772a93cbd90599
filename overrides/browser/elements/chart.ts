/** Vega-Lite charts: a figure with title, picture, text alternative and data. The drawing library is loaded with the first. */

import type { VisualizationSpec } from "vega-embed";
import type { MimeBundle } from "../runtime/messages";
import theme from "./chart-theme.json";
import { element } from "./dom";
import { isolated } from "./isolated-html";

export const VEGA_LITE = "application/vnd.vegalite.v6+json";

export function drawChart(data: MimeBundle, metadata: Record<string, unknown>): HTMLElement {
  const { title, alt } = described(metadata[VEGA_LITE]);
  const picture = element("div", { class: "lab-chart__picture", role: "img", "aria-label": alt });
  const table = data["text/html"];
  const details = element("details", {}, element("summary", {}, "Description and data"), element("p", {}, alt));
  if (typeof table === "string") details.append(isolated(table));
  draw(picture, data[VEGA_LITE] as VisualizationSpec).catch((error: unknown) => {
    picture.replaceWith(element("p", { class: "lab-notice" }, `The chart could not be drawn: ${String(error)}`));
    details.open = true;
  });
  return element("figure", { class: "lab-chart" }, element("figcaption", {}, title), picture, details);
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
  await embed(place, spec, {
    actions: false,
    ast: true,
    config: theme as object,
    defaultStyle: false,
    expr: expressionInterpreter,
    renderer: "svg",
    tooltip: false,
    loader: { load: () => Promise.reject(new Error("charts carry their data with them; nothing is fetched")) } as never,
  });
}
