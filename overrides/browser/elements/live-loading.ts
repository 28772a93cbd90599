/** Fetches the elements that run Python (live.ts) as soon as a page holds one, and says so if they can't be had. */

import { element } from "./dom";
import { button } from "./run-status";

const LIVE = "lab-page-bar, lab-cell, lab-panel, lab-exercise, lab-wide, live-chat, live-chat-dock";

/** Look for such an element now, and whenever the page changes. */
export function watchForLive(): void {
  const changes = new MutationObserver(look);
  changes.observe(document.documentElement, { childList: true, subtree: true });
  look();

  function look(): void {
    const first = document.querySelector(LIVE);
    if (first === null) return;
    changes.disconnect();
    void load(first);
  }
}

async function load(first: Element): Promise<void> {
  try {
    await import("./live");
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const said = `What runs here did not load, so there is nothing to press yet. ${why} `;
    const note = element("p", { class: "lab-note", role: "alert" }, said);
    const again = button("Try again", "Load what runs here again", () => {
      note.remove();
      void load(first);
    });
    note.append(again);
    first.before(note);
  }
}
