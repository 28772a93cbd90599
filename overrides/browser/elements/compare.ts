/** Two versions of a cell's code, line by line; loaded when the reader asks to compare. */

import { diffLines } from "../logic/line-diff";
import { element } from "./dom";

const SIGN = { both: " ", first: "−", second: "+" };

/** `mine` and `theirs` as one listing: what only mine has is struck as deleted, what only theirs has stands as inserted. */
export function comparison(mine: string, theirs: string): HTMLElement {
  const lines = diffLines(mine, theirs).map(({ kind, text }) => {
    const line = `${SIGN[kind]} ${text}\n`;
    if (kind === "first") return element("del", {}, line);
    return kind === "second" ? element("ins", {}, line) : line;
  });
  const name = "− only in your version, + only in the author’s";
  const code = element("pre", { class: "lab-compare", tabindex: "0", role: "group", "aria-label": name }, ...lines);
  return element("figure", { class: "lab-compare__figure" }, element("figcaption", {}, name), code);
}
