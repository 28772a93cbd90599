/** What a page says where a part of its browser code could not be fetched. */

import { element } from "./dom";
import { button } from "./run-status";

/** `said` and the reason, read aloud at once, with a button to try again; `name` is that button's own. */
export function loadFailure(said: string, error: unknown, name: string, again: () => void): HTMLElement {
  const why = error instanceof Error ? error.message : String(error);
  return element("p", { class: "trouble-note", role: "alert" }, `${said} ${why} `, button("Try again", name, again));
}
