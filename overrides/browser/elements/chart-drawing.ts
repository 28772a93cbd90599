/** What Vega draws of a chart. The library is loaded with the first drawing. */

import type { Result, VisualizationSpec } from "vega-embed";
import theme from "./chart-theme.json";

const ERRORS_ONLY = 1;
const ROWS = "rows";

type Json = Record<string, unknown>;

/** What was drawn and must be let go once its place has left the page: a chart listens to the window's size. */
const drawn = new Map<HTMLElement, Drawing>();

export class Drawing {
  #result: Result;
  #frame: string | null;

  constructor(result: Result, frame: string | null) {
    this.#result = result;
    this.#frame = frame;
  }

  /** Draw this chart into an element of the page, which Vega then takes for its own, name and all. */
  static async draw(place: HTMLElement, spec: Json): Promise<Drawing> {
    const [{ default: embed }, { expressionInterpreter }] = await Promise.all([
      import("vega-embed"),
      import("vega-interpreter"),
    ]);
    Drawing.letGo();
    const { frame, named } = taken(spec);
    const result = await embed(place, named as unknown as VisualizationSpec, {
      actions: false,
      ast: true,
      config: theme as object,
      defaultStyle: false,
      expr: expressionInterpreter,
      logLevel: ERRORS_ONLY,
      renderer: "svg",
      tooltip: false,
      loader: {
        load: () => Promise.reject(new Error("charts carry their data with them; nothing is fetched")),
      } as never,
    });
    const drawing = new Drawing(result, frame);
    drawn.set(place, drawing);
    return drawing;
  }

  /** End what has left the page. */
  static letGo(): void {
    for (const [place, drawing] of drawn) {
      if (place.isConnected) continue;
      drawing.#result.finalize();
      drawn.delete(place);
    }
  }

  /**
   * Draw this chart in place, if it is the same one with other rows: a new drawing takes many times as long.
   * Returns whether it did.
   */
  async redraw(spec: Json): Promise<boolean> {
    const { frame, rows } = taken(spec);
    if (frame === null || frame !== this.#frame || rows === null) return false;
    try {
      await this.#result.view.data(ROWS, rows).runAsync();
      return true;
    } catch {
      return false; // a chart that makes nothing of its rows has no such data: it is drawn anew
    }
  }
}

/** A chart taken apart: its rows, all else as text to compare, and the chart with its rows under our name. */
function taken(spec: Json): { frame: string | null; rows: Json[] | null; named: Json } {
  const data = spec["data"] as Json | undefined;
  const values = data?.["values"];
  // Rows with a name or a format of their own are Vega's to read.
  if (data === undefined || Object.keys(data).length !== 1 || !Array.isArray(values)) {
    return { frame: null, rows: null, named: spec };
  }
  // Vega marks the rows that it is given, and other drawings may need them as they were.
  const rows = values.map((row: unknown) => ({ ...(row as Json) }));
  const frame = JSON.stringify({ ...spec, data: null, description: null });
  return { frame, rows, named: { ...spec, data: { name: ROWS, values: rows } } };
}
