/**
 * A page's text as slides: one section at a time, in large type. Its live figures go on working.
 *
 * The sections stay where they are in the page; those that are not shown carry `data-slide-away`.
 */

import { FRAGMENT } from "../logic/share";
import { element } from "./dom";
import { button } from "./run-status";

/** What holds the focus in order to be scrolled by these keys. */
const SCROLLS = '[tabindex="0"]';
const STEPS: Readonly<Record<string, number>> = { ArrowRight: 1, PageDown: 1, ArrowLeft: -1, PageUp: -1 };

export class Slides {
  readonly #slides: HTMLElement[][];
  readonly #bar: HTMLElement;
  readonly #count = element("p", { role: "status" });
  readonly #closed: () => void;
  readonly #unfollow = new AbortController();
  #number = 0;

  /** Show the sections of `article`, from the slide `number` on (0 is the first). `closed` is called once after closing. */
  constructor(article: HTMLElement, number: number, closed: () => void) {
    this.#closed = closed;
    this.#slides = sections(article);
    this.#bar = element("nav", { class: "slides-bar", "aria-label": "Slides" });
    this.#bar.append(
      button("Back", "Back one slide", () => this.#show(this.#number - 1)),
      this.#count,
      button("Next", "Next slide", () => this.#show(this.#number + 1)),
      button("Close", "Close the slides", () => this.close()),
    );
    document.body.append(this.#bar);
    document.documentElement.setAttribute("data-slides", "");
    document.addEventListener("keydown", (event) => this.#key(event), { signal: this.#unfollow.signal });
    this.#show(number);
  }

  /** Show the page as it was. */
  close(): void {
    if (this.#unfollow.signal.aborted) return;
    this.#unfollow.abort();
    this.#bar.remove();
    document.documentElement.removeAttribute("data-slides");
    for (const part of this.#slides.flat()) part.removeAttribute("data-slide-away");
    const first = this.#slides[this.#number]?.[0];
    if (first?.isConnected) address(null); // else the address is another page's already
    first?.scrollIntoView();
    this.#closed();
  }

  #show(number: number): void {
    this.#number = Math.min(Math.max(number, 0), this.#slides.length - 1);
    for (const [at, parts] of this.#slides.entries()) {
      for (const part of parts) part.toggleAttribute("data-slide-away", at !== this.#number);
    }
    this.#count.textContent = `${this.#number + 1} of ${this.#slides.length}`;
    address(this.#number + 1);
    const heading = this.#slides[this.#number]?.find((part) => /^H[12]$/.test(part.tagName));
    heading?.setAttribute("tabindex", "-1");
    heading?.focus({ preventScroll: true });
    scrollTo(0, 0);
  }

  #key(event: KeyboardEvent): void {
    const target = event.target instanceof Element ? event.target : null;
    if (target?.closest("input, textarea, select, [contenteditable], .cm-editor, dialog") != null) return;
    if (event.defaultPrevented || event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
    if (target?.closest(SCROLLS) != null && event.key !== "Escape") return;
    const step = STEPS[event.key];
    if (step !== undefined) this.#show(this.#number + step);
    else if (event.key === "Home") this.#show(0);
    else if (event.key === "End") this.#show(this.#slides.length - 1);
    else if (event.key === "Escape") this.close();
    else return;
    event.preventDefault();
  }
}

/** The page's parts by section: what stands before the first second-level heading, then one for each of these. */
function sections(article: HTMLElement): HTMLElement[][] {
  const slides: HTMLElement[][] = [[]];
  for (const part of article.children) {
    if (!(part instanceof HTMLElement)) continue;
    if (part.tagName === "H2") slides.push([]);
    slides.at(-1)?.push(part);
  }
  return slides;
}

/** Say in the page's address which slide is shown, so that it can be linked and reloaded. Shared code stays in it. */
function address(number: number | null): void {
  const here = new URL(location.href);
  if (number === null) here.searchParams.delete("slides");
  else here.searchParams.set("slides", String(number));
  if (!here.hash.startsWith(FRAGMENT)) here.hash = "";
  history.replaceState(history.state, "", here);
}
