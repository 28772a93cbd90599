/** What `<glossary-search>` holds: the box, how many terms are left, and the entries that it leaves out. */

import { element } from "./dom";

const NAMES = "h2, .glossary-also";
const UNSAID = ".headerlink, .glossary-where, .glossary-used";

interface Entry {
  entry: HTMLElement;
  names: string;
  text: string;
}

/** Words as they are compared: small letters, any hyphen a space. */
function plain(text: string): string {
  return text
    .toLowerCase()
    .replace(/[-–‑\s]+/g, " ")
    .trim();
}

/** Whether all words of a query are in a text; or the whole query, if nobody minds spaces. */
function has(text: string, query: string): boolean {
  const whole = query.replaceAll(" ", "");
  return query.split(" ").every((word) => text.includes(word)) || text.replaceAll(" ", "").includes(whole);
}

export class GlossarySearchView {
  #input = element("input", { type: "search", id: "glossary-search", autocomplete: "off", spellcheck: "false" });
  #status = element("p", { class: "glossary-search__status", role: "status" });
  #entries: Entry[];

  constructor(place: HTMLElement, signal: AbortSignal) {
    this.#entries = [...document.querySelectorAll<HTMLElement>(".glossary-entry")].map((entry) => {
      const copy = entry.cloneNode(true) as HTMLElement;
      for (const left of copy.querySelectorAll(UNSAID)) left.remove();
      const names = [...copy.querySelectorAll(NAMES)].map((name) => name.textContent).join(" ");
      return { entry, names: plain(names), text: plain(copy.textContent) };
    });
    place.replaceChildren(element("label", { for: this.#input.id }, "Find a term"), this.#input, this.#status);
    this.#input.addEventListener("input", () => this.#filter(), { signal });
    document.addEventListener("click", (event) => this.#bringBack(event.target), { signal, capture: true });
    this.#filter();
  }

  /** Leave the terms that are called so, or else those whose meaning has the words. */
  #filter(): void {
    const query = plain(this.#input.value);
    const called = this.#entries.filter(({ names }) => has(names, query));
    const left = new Set(called.length > 0 ? called : this.#entries.filter(({ text }) => has(text, query)));
    for (const one of this.#entries) one.entry.hidden = !left.has(one);
    const all = this.#entries.length;
    const none = `No term has “${this.#input.value.trim()}” in it. Try a shorter word.`;
    this.#status.textContent = query === "" ? `${all} terms` : left.size === 0 ? none : `${left.size} of ${all} terms`;
  }

  /** A link that leads to an entry which is left out brings all of them back. */
  #bringBack(target: EventTarget | null): void {
    const link = target instanceof Element ? target.closest<HTMLAnchorElement>("a[href]") : null;
    if (link === null || link.hash === "" || link.pathname !== location.pathname) return;
    const place = document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (place?.closest<HTMLElement>(".glossary-entry")?.hidden !== true) return;
    this.#input.value = "";
    this.#filter();
  }
}
