/**
 * An element of which a page carries little: what it is made of, its view, is fetched when it is needed.
 *
 * If it can't be had the element says so, beside what the build has written into it, with a button to try again.
 */

import { loadFailure } from "./load-failure";

/** What an element is made of. It is told when the element comes onto a page and when it goes. */
export interface View {
  attach(): void;
  detach(): void;
}

export abstract class LazyElement<V extends View> extends HTMLElement {
  /** How near to what the reader sees the view is fetched; without it, as soon as the element stands on a page. */
  protected readonly near: string | null = null;
  /** What is said if the view can't be had, and the name of the button to try again. */
  protected abstract readonly trouble: { said: string; again: string };

  protected view: V | null = null;
  #seen: IntersectionObserver | null = null;
  #failure: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.view !== null) return this.view.attach();
    if (this.near === null) return void this.load();
    this.#seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void this.load();
      },
      { rootMargin: this.near },
    );
    this.#seen.observe(this);
  }

  disconnectedCallback(): void {
    this.#seen?.disconnect();
    this.view?.detach();
  }

  /** Fetch the view and show it. */
  async load(): Promise<void> {
    this.#seen?.disconnect();
    try {
      const make = await this.fetch();
      if (this.view !== null) return;
      this.#failure?.remove();
      this.view = make();
      if (this.isConnected) this.view.attach();
    } catch (error) {
      this.#failure?.remove();
      this.#failure = loadFailure(this.trouble.said, error, this.trouble.again, () => void this.load());
      this.say(this.#failure);
    }
  }

  /** Fetch what makes the view. */
  protected abstract fetch(): Promise<() => V>;

  /** Put a note where the reader sees it. */
  protected say(note: HTMLElement): void {
    this.prepend(note);
  }
}
