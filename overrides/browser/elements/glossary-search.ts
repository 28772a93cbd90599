/**
 * `<glossary-search>`: a box above the glossary that leaves only the entries with the words typed into it.
 *
 * Content, from the build: none, so that there is no box where it could not work. It searches the `.glossary-entry`
 * elements of the page in their names and, if no name has the words, in their meanings. What it does is loaded on the
 * glossary's page alone.
 */

import { loadFailure } from "./load-failure";

export class GlossarySearch extends HTMLElement {
  #unfollow = new AbortController();

  connectedCallback(): void {
    void this.load();
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
  }

  /** Fetch the box, and show it. */
  async load(): Promise<void> {
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    try {
      const { GlossarySearchView } = await import("./glossary-search-view");
      if (!signal.aborted) new GlossarySearchView(this, signal);
    } catch (error) {
      const said = "The search for terms did not load; all terms are below.";
      this.replaceChildren(loadFailure(said, error, "Load the search again", () => void this.load()));
    }
  }
}
