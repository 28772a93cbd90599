/** What is drawn again while somebody looks at it: the new takes the old one's place once it is ready, in one step. */

/** Wait until what this element shows is there: charts, HTML and pictures take a moment. */
export async function whenDrawn(made: HTMLElement): Promise<void> {
  if (made.hasAttribute("data-drawing")) {
    await new Promise<void>((resolve) => {
      const watcher = new MutationObserver(() => {
        if (made.hasAttribute("data-drawing")) return;
        watcher.disconnect();
        resolve();
      });
      watcher.observe(made, { attributeFilter: ["data-drawing"] });
    });
  }
  const images = [...made.querySelectorAll("img")];
  await Promise.allSettled(images.map((image) => image.decode()));
}

/** Whether what one of these boxes of HTML shows can go into the other. */
export function isBox(made: Element): made is HTMLElement & { shadowRoot: ShadowRoot } {
  return made.classList.contains("lab-html") && made.shadowRoot !== null;
}

/** Put what a new box of HTML shows into an old one, which stays where it is scrolled to and folded out. */
export async function refill(old: HTMLElement, made: HTMLElement): Promise<void> {
  await whenDrawn(made);
  if (!isBox(old) || !isBox(made)) throw new Error("refill is for boxes of HTML, see isolated-html.ts.");
  const root = old.shadowRoot;
  const [left, top] = [old.scrollLeft, old.scrollTop];
  const open = [...root.querySelectorAll("details")].map((details) => details.open);
  const active = root.activeElement;
  const focused = active instanceof HTMLElement ? focusable(root).indexOf(active) : -1;
  root.replaceChildren(...made.shadowRoot.childNodes);
  for (const [place, details] of root.querySelectorAll("details").entries()) details.open = open[place] ?? details.open;
  if (focused !== -1) focusable(root)[focused]?.focus({ preventScroll: true });
  old.scrollTo({ left, top, behavior: "instant" });
}

function focusable(root: ShadowRoot): HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>("a[href], summary, [tabindex]")];
}
