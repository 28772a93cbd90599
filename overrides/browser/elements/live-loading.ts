/** Fetches the elements that run Python (live.ts) as soon as a page holds one, and says so if they can't be had. */

import { loadFailure } from "./load-failure";

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
    const said = "What runs here did not load, so there is nothing to press yet.";
    const note = loadFailure(said, error, "Load what runs here again", () => {
      note.remove();
      void load(first, loaded);
    });
    first.before(note);
  }
}
