/** Fetches the elements that run Python (live.ts) as soon as a page holds one, and says so if they can't be had. */

import { element } from "./dom";
import { button } from "./run-status";

const LIVE = "lab-page-bar, lab-cell, lab-panel, lab-exercise, lab-wide, live-chat, live-chat-dock";

/** Look for such an element now, and whenever the page changes: what failed on one page is tried anew on the next. */
export function watchForLive(): void {
  const changes = new MutationObserver(look);
  let asked: Element | null = null;
  changes.observe(document.documentElement, { childList: true, subtree: true });
  look();

  function look(): void {
    if (asked?.isConnected) return;
    asked = document.querySelector(LIVE);
    if (asked !== null) void load(asked, () => changes.disconnect());
  }
}

async function load(first: Element, loaded: () => void): Promise<void> {
  try {
    await import("./live");
    loaded();
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    const said = `What runs here did not load, so there is nothing to press yet. ${why} `;
    const note = element("p", { class: "lab-note", role: "alert" }, said);
    const again = button("Try again", "Load what runs here again", () => {
      note.remove();
      void load(first, loaded);
    });
    note.append(again);
    first.before(note);
  }
}
