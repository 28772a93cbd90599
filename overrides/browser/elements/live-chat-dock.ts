/**
 * `<live-chat-dock>`: the live chat at hand on a page of the course, behind a button at the lower right.
 * On a phone the button is a round sign; its words are then for screen readers.
 *
 * Attributes: `key` (under which the conversation is kept), `models` (as `<live-chat>` takes them).
 * Content, from the build: a link to the chat's own page, for readers without JavaScript; it is replaced.
 * Nothing of the chat is loaded before the panel is first opened. Whether it is open outlives the page.
 */

import { element } from "./dom";
import { LiveChat } from "./live-chat";
import { button } from "./run-status";

const NAME = "Talk to the models";
const CLEARANCE_PX = 8;

export class LiveChatDock extends HTMLElement {
  static #open = false;

  #button: HTMLButtonElement | null = null;
  #panel: HTMLElement | null = null;
  #chat: LiveChat | null = null;
  #unfollow = new AbortController();

  connectedCallback(): void {
    if (this.#button === null) this.#build();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    document.addEventListener("focusin", (event) => this.#uncover(event.target), { signal });
    document.addEventListener("keydown", (event) => this.#key(event), { signal });
    this.#show(LiveChatDock.#open);
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
  }

  open(): void {
    this.#show(true);
    this.#chat?.focus();
  }

  close(): void {
    this.#show(false);
    this.#button?.focus();
  }

  #build(): void {
    const page = this.querySelector("a")?.href;
    this.#button = button(NAME, NAME, () => this.open(), "chat-dock__open");
    this.#button.removeAttribute("aria-label");
    this.#button.replaceChildren(element("span", { class: "chat-dock__name" }, NAME));
    const title = element("p", { class: "chat-dock__title", id: "chat-dock-title" }, NAME);
    const close = button("Close", "Close the chat", () => this.close());
    const head = element("div", { class: "chat-dock__head" }, title);
    if (page !== undefined) head.append(element("a", { href: page }, "Its own page"));
    head.append(close);
    this.#panel = element(
      "section",
      { class: "chat-dock__panel", role: "dialog", "aria-labelledby": "chat-dock-title" },
      head,
    );
    this.replaceChildren(this.#panel, this.#button);
  }

  #show(open: boolean): void {
    const [panel, opener] = [this.#panel, this.#button];
    if (panel === null || opener === null) throw new Error("<live-chat-dock> was used before it was connected.");
    LiveChatDock.#open = open;
    panel.hidden = !open;
    opener.hidden = open;
    opener.setAttribute("aria-expanded", String(open));
    if (!open || this.#chat !== null) return;
    this.#chat = new LiveChat();
    this.#chat.setAttribute("key", this.getAttribute("key") ?? "dock");
    this.#chat.setAttribute("models", this.getAttribute("models") ?? "base chat");
    panel.append(this.#chat);
  }

  /** Escape closes it, wherever the focus is: what lies under it must be reachable. */
  #key(event: KeyboardEvent): void {
    if (event.key !== "Escape" || event.defaultPrevented || this.#panel?.hidden !== false) return;
    event.preventDefault();
    const inside = this.contains(document.activeElement);
    this.#show(false);
    if (inside) this.#button?.focus();
  }

  /** Move the page so that what has the focus does not lie under the dock. */
  #uncover(target: EventTarget | null): void {
    if (!(target instanceof HTMLElement) || this.contains(target)) return;
    const over = (this.#panel?.hidden === false ? this.#panel : this.#button)?.getBoundingClientRect();
    const under = target.getBoundingClientRect();
    if (over === undefined || under.bottom <= over.top || under.top >= over.bottom) return;
    if (under.right <= over.left || under.left >= over.right) return;
    window.scrollBy({ top: under.bottom - over.top + CLEARANCE_PX, behavior: "instant" });
  }
}
