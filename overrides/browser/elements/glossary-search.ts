/**
 * `<glossary-search>`: a box above the glossary that leaves only the entries with the words typed into it.
 *
 * Content, from the build: none, so that there is no box where it could not work. It searches the `.glossary-entry`
 * elements of the page in their names and, if no name has the words, in their meanings. What it does is loaded on the
 * glossary's page alone.
 */

export class GlossarySearch extends HTMLElement {
  #unfollow = new AbortController();

  async connectedCallback(): Promise<void> {
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    const { GlossarySearchView } = await import("./glossary-search-view");
    if (!signal.aborted) new GlossarySearchView(this, signal);
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
  }
}
