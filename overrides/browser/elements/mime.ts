/** Draws a Jupyter MIME bundle by the richest type that we know; the build does the same in overrides/hooks/outputs.py. */

import type { MimeBundle } from "../runtime/messages";
import { drawChart, VEGA_LITE } from "./chart";
import { element } from "./dom";
import { isolated } from "./isolated-html";

export function drawBundle(data: MimeBundle, metadata: Record<string, unknown>): HTMLElement {
  if (VEGA_LITE in data) return drawChart(data, metadata);
  const html = text(data, "text/html");
  if (html !== null) return isolated(html);
  const svg = text(data, "image/svg+xml");
  if (svg !== null) return isolated(svg);
  for (const mime of ["image/png", "image/jpeg"]) {
    const image = text(data, mime);
    if (image === null) continue;
    const alt = plainText(data) || "Picture made by the cell";
    return element("p", { class: "lab-image" }, element("img", { src: `data:${mime};base64,${image.trim()}`, alt }));
  }
  return element("pre", { class: "lab-plain" }, plainText(data));
}

/** The bundle's text for people: what is left when nothing can be drawn. */
export function plainText(data: MimeBundle): string {
  return text(data, "text/plain") ?? "";
}

function text(data: MimeBundle, mime: string): string | null {
  const value = data[mime];
  return typeof value === "string" ? value : null;
}
