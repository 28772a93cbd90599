/**
 * `<live-chat>`: a talk with one or two of the course's models, which compute in this page.
 *
 * Attributes: `key` (its place in the site, under which the conversation is kept), `models` (one or two, with a space
 * between: `base chat`; a base model may name its framing: `base:raw`, `base:prelude`, `base:markup`), `prompts`
 * (those offered, as JSON; without it the course's own).
 * Content, from the build: what is said to readers without JavaScript; it is replaced.
 * What it is made of is loaded when it comes into view.
 */

import type { Client } from "../runtime/client";
import { element } from "./dom";
import type { ChatView } from "./live-chat-view";
import { button } from "./run-status";

const NEAR = "200px";

export class LiveChat extends HTMLElement {
  /** The one way to Python, shared by all elements; set when the module starts. */
  static client: Client;

  #view: ChatView | null = null;
  #seen: IntersectionObserver | null = null;

  connectedCallback(): void {
    if (this.#view !== null) return this.#view.attach();
    this.#seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void this.load();
      },
      { rootMargin: NEAR },
    );
    this.#seen.observe(this);
  }

  disconnectedCallback(): void {
    this.#seen?.disconnect();
    this.#view?.detach();
  }

  /** The chat's place in the site. */
  get key(): string {
    return this.getAttribute("key") ?? "chat";
  }

  /** Fetch the rest of the element and show it. */
  async load(): Promise<void> {
    this.#seen?.disconnect();
    try {
      const { ChatView } = await import("./live-chat-view");
      if (this.#view !== null) return;
      this.#view = new ChatView(this, LiveChat.client);
      if (this.isConnected) this.#view.attach();
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      const again = button("Try again", "Load the chat again", () => void this.load());
      this.replaceChildren(element("p", { role: "alert" }, `The chat did not load. ${why} `, again));
    }
  }

  /** Put the focus where the reader writes. */
  override focus(): void {
    void this.load().then(() => this.#view?.focus());
  }
}
