/**
 * `<course-progress>`: what the reader has answered and solved, over all pages, to be carried elsewhere or erased.
 *
 * Content, from the build: for each part a `section.progress-part` with its heading and a list of pages, each with links
 * to its questions (`li[data-quiz][data-question]`) and exercises (`li[data-exercise]`). They read well by themselves.
 * What counts them is loaded when the element stands on the page.
 */

import type { ProgressView } from "./course-progress-view";
import { loadFailure } from "./load-failure";

export class CourseProgress extends HTMLElement {
  #view: ProgressView | null = null;
  #failure: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.#view !== null) return this.#view.attach();
    void this.load();
  }

  disconnectedCallback(): void {
    this.#view?.detach();
  }

  /** Fetch the rest of the element, and count. */
  async load(): Promise<void> {
    try {
      const { ProgressView } = await import("./course-progress-view");
      if (this.#view !== null) return;
      this.#failure?.remove();
      this.#view = new ProgressView(this);
      if (this.isConnected) this.#view.attach();
    } catch (error) {
      this.#failure?.remove();
      this.#failure = loadFailure("Nothing was counted.", error, "Load the progress again", () => void this.load());
      this.prepend(this.#failure);
    }
  }
}
