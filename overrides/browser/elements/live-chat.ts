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
import { LazyElement } from "./lazy-element";
import type { ChatView } from "./live-chat-view";

export class LiveChat extends LazyElement<ChatView> {
  /** The one way to Python, shared by all elements; set when the module starts. */
  static client: Client;

  protected override readonly near = "200px";
  protected readonly trouble = { said: "The chat did not load.", again: "Load the chat again" };

  /** The chat's place in the site. */
  get key(): string {
    return this.getAttribute("key") ?? "chat";
  }

  /** Put the focus where the reader writes. */
  override focus(): void {
    void this.load().then(() => this.view?.focus());
  }

  protected async fetch(): Promise<() => ChatView> {
    const { ChatView } = await import("./live-chat-view");
    return () => new ChatView(this, LiveChat.client);
  }

  /** What the build has said was for readers without JavaScript. */
  protected override say(note: HTMLElement): void {
    this.replaceChildren(note);
  }
}
