/** The live chat, loaded when it is first seen: models, turns, box. It shows a conversation that outlives it. */

import { type Column, FRAMINGS, MODELS, type Reply } from "../logic/chat-protocol";
import { droppedText, exported, unseen } from "../logic/chat-request";
import type { Client } from "../runtime/client";
import chatStyles from "../styles/chat.css";
import toolStyles from "../styles/chat-tools.css";
import { element } from "./dom";
import type { LiveChat } from "./live-chat";
import { Composer } from "./live-chat-composer";
import { Columns } from "./live-chat-settings";
import { Conversation } from "./live-chat-state";
import { ABOUT, NAMES, OFFERS, type Offer } from "./live-chat-texts";
import { ExchangeView } from "./live-chat-turns";

const AT_THE_END_PX = 40;
let styled = false;

export class ChatView {
  #client: Client;
  #conversation: Conversation;
  #columns: Columns;
  #composer: Composer;
  #views: ExchangeView[] = [];
  #host: HTMLElement;
  #log = element("div", { class: "chat__log", role: "log", "aria-label": "Conversation", "aria-live": "off" });
  #scroller = element("div", { class: "chat__scroller", role: "region", "aria-label": "Turns", tabindex: "0" });
  #dropped = element("p", { class: "chat__dropped" });
  /** A reply is read aloud when it is whole, not token by token. */
  #aloud = element("p", { class: "lab-hidden", "aria-live": "polite" });
  #unfollow = new AbortController();

  constructor(host: LiveChat, client: Client) {
    if (!styled) {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(`${chatStyles}\n${toolStyles}`);
      document.adoptedStyleSheets = [...document.adoptedStyleSheets, sheet];
      styled = true;
    }
    this.#host = host;
    this.#client = client;
    this.#conversation = Conversation.of(client, host.key, columnsOf(host.getAttribute("models") ?? "base chat"));
    this.#columns = new Columns(this.#conversation);
    this.#composer = new Composer(this.#conversation, client, offersOf(host.getAttribute("prompts")), () =>
      exported(this.#conversation.exchanges, this.#conversation.settings.columns),
    );
    const label = element("span", { class: "lab-label lab-label--live" }, "live");
    const about = element("p", { class: "chat__about" }, label, ` ${ABOUT}`);
    this.#scroller.append(about, this.#log);
    host.replaceChildren(this.#columns.element, this.#scroller, this.#aloud, this.#dropped, this.#composer.element);
  }

  /** Follow the conversation, from the first or again. */
  attach(): void {
    this.detach();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    const conversation = this.#conversation;
    conversation.addEventListener("change", () => this.show(), { signal });
    conversation.addEventListener("from", (event) => this.#cut((event as CustomEvent<number>).detail), { signal });
    conversation.addEventListener("said", (event) => this.#tell((event as CustomEvent<Reply>).detail), { signal });
    this.#client.addEventListener("boot", () => this.show(), { signal });
    this.#client.addEventListener("kept", () => this.#offerMine(), { signal });
    this.#cut(0);
    this.show();
  }

  detach(): void {
    this.#unfollow.abort();
  }

  focus(): void {
    this.#composer.box.focus();
  }

  show(): void {
    const { exchanges, settings, run } = this.#conversation;
    this.#host.dataset["state"] = run?.state ?? "empty";
    this.#host.dataset["columns"] = String(settings.columns.length);
    this.#columns.show(this.#client);
    const box = this.#scroller;
    const followed = box.scrollHeight - box.scrollTop - box.clientHeight < AT_THE_END_PX;
    const columns = Math.max(settings.columns.length, ...exchanges.map(({ replies }) => replies.length));
    const gone = Array.from({ length: columns }, (_, column) => unseen(exchanges, column));
    const before = this.#views.length;
    for (const [place, exchange] of exchanges.entries()) {
      const view = this.#views[place] ?? this.#add(place, exchange.user);
      view.show(
        exchange,
        gone.map((places) => places.has(place)),
      );
    }
    this.#log.hidden = exchanges.length === 0;
    if (followed && exchanges.length > 0) box.scrollTop = box.scrollHeight;
    // On a phone what was just asked may begin below the screen.
    if (this.#views.length > before && this.#conversation.busy) {
      this.#views.at(-1)?.element.scrollIntoView({ block: "nearest" });
    }
    this.#showDropped();
    this.#composer.show();
  }

  #add(place: number, user: string): ExchangeView {
    const conversation = this.#conversation;
    const view = new ExchangeView(place, user, {
      edit: (from, text) => conversation.edit(from, text),
      after: (from) => conversation.exchanges.length - 1 - from,
      called: (from) => conversation.exchanges[from]?.call !== undefined,
      busy: () => conversation.busy,
    });
    this.#views[place] = view;
    this.#log.append(view.element);
    return view;
  }

  /** Forget how the exchanges from here on were shown: they are others now. */
  #cut(place: number): void {
    const inside = this.#views.slice(place).some((view) => view.element.contains(document.activeElement));
    for (const view of this.#views.splice(place)) view.element.remove();
    if (inside) this.focus();
  }

  #tell({ model, said }: Reply): void {
    const words = said.map(({ role, content }) => (role === "tool" ? `Tool: ${content}` : content)).join(" ");
    this.#aloud.textContent = `${NAMES[model]}: ${words || "nothing"}`;
  }

  #offerMine(): void {
    this.show();
    this.#composer.say(`${NAMES.mine} can be chosen now.`);
  }

  #showDropped(): void {
    const said = (this.#conversation.exchanges.at(-1)?.replies ?? []).flatMap((reply) => {
      const prompt = reply?.writings.at(-1)?.prompt;
      const text = prompt === undefined || prompt === null ? "" : droppedText(prompt.dropped, prompt.context);
      return reply === null || text === "" ? [] : [`${NAMES[reply.model]}: ${text}`];
    });
    const words = said.join(" ");
    if (this.#dropped.textContent !== words) this.#dropped.textContent = words;
  }
}

/** The columns that the attribute `models` names. */
function columnsOf(models: string): Column[] {
  return models.split(/\s+/).map((named) => {
    const [name, framing = "raw"] = named.split(":");
    const model = MODELS.find((one) => one === name);
    const found = FRAMINGS.find((one) => one === framing);
    if (model === undefined || found === undefined) throw new Error(`<live-chat> knows no model “${named}”.`);
    return { model, framing: found };
  });
}

/** The prompts that the page offers, or the course's own. */
function offersOf(prompts: string | null): readonly Offer[] {
  return prompts === null ? OFFERS : (JSON.parse(prompts) as string[]).map((text) => ({ name: text, text }));
}
