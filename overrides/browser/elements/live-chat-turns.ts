/** The turns of the live chat: the reader's message, and below it what each model answered, side by side. */

import { begun } from "../logic/chat-calls";
import type { Exchange, Reply } from "../logic/chat-protocol";
import { element } from "./dom";
import { WritingView } from "./live-chat-parts";
import { endText, FRAMING_NAMES, NAMES } from "./live-chat-texts";
import { button } from "./run-status";

export interface TurnActions {
  edit(place: number, text: string): void;
  /** How many exchanges come after this one: an edit drops them. */
  after(place: number): number;
  /** Whether the reader's own call follows: an edit keeps it. */
  called(place: number): boolean;
  busy(): boolean;
}

/** A message of the reader and the replies to it. It is updated in place, so that nothing that is read jumps. */
export class ExchangeView {
  readonly element = element("div", { class: "chat__exchange" });
  #user: UserTurn;
  #replies: (ReplyView | null)[] = [];
  #grid = element("div", { class: "chat__replies" });

  constructor(place: number, user: string, actions: TurnActions) {
    this.#user = new UserTurn(place, user, actions);
    this.element.append(this.#user.element, this.#grid);
  }

  /** `unseen` are the columns whose models no longer see this exchange. */
  show({ replies }: Exchange, unseen: readonly boolean[]): void {
    for (const [column, reply] of replies.entries()) {
      if (reply === null) continue;
      const view = this.#replies[column] ?? new ReplyView(reply);
      if (this.#replies[column] !== view) {
        this.#replies[column] = view;
        this.#grid.append(view.element);
      }
      view.show(reply, unseen[column] === true);
    }
  }
}

class UserTurn {
  readonly element: HTMLElement;
  #words: HTMLElement;
  #change: HTMLButtonElement;

  constructor(
    readonly place: number,
    readonly text: string,
    readonly actions: TurnActions,
  ) {
    this.#words = element("p", { class: "chat__words", dir: "auto" }, text);
    this.#change = button("Edit", `Edit your message ${place + 1}`, () => this.#edit(), "chat__quiet");
    const name = element("p", { class: "chat__name" }, "You", this.#change);
    this.element = element("div", { class: "chat__turn chat__turn--user" }, name, this.#words);
  }

  #edit(): void {
    if (this.actions.busy()) return;
    const field = element("textarea", { class: "chat__box", rows: "2", "aria-label": "Your message, changed" });
    field.value = this.text;
    const dropped = this.actions.after(this.place);
    const kept = this.actions.called(this.place) ? " Your call stays." : "";
    const lost =
      dropped === 0 ? "The replies below are written anew." : `The replies, and ${exchanges(dropped)}, are dropped.`;
    const form = element("div", { class: "chat__edit" });
    const end = (): void => {
      form.replaceWith(this.#words);
      this.#change.hidden = false;
      this.#change.focus();
    };
    const send = (): void => {
      if (field.value.trim() === "" || this.actions.busy()) return;
      this.actions.edit(this.place, field.value);
    };
    field.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.shiftKey && !event.isComposing) {
        event.preventDefault();
        send();
      } else if (event.key === "Escape") {
        event.preventDefault();
        end();
      }
    });
    const act = element(
      "div",
      { class: "chat__actions" },
      button("Send again", "Send the changed message", send, "lab-button--run"),
      button("Cancel", "Cancel the change", end),
      element("span", { class: "chat__loss" }, lost + kept),
    );
    form.append(field, act);
    this.#words.replaceWith(form);
    this.#change.hidden = true;
    field.focus();
  }
}

function exchanges(count: number): string {
  return count === 1 ? "the exchange after it" : `the ${count} exchanges after it`;
}

class ReplyView {
  readonly element: HTMLElement;
  #name: string;
  #writings: WritingView[] = [];
  #list = element("div");
  #end = element("p", { class: "chat__end" });
  #unseen = element("p", { class: "chat__unseen" }, "The model no longer sees this exchange.");
  #shown: Reply | null = null;

  constructor(reply: Reply) {
    this.#name = NAMES[reply.model];
    const name = element("p", { class: "chat__name" }, this.#name);
    if (reply.model === "base") name.append(element("span", { class: "chat__framing" }, FRAMING_NAMES[reply.framing]));
    this.element = element("div", { class: "chat__turn chat__turn--model" }, name, this.#unseen, this.#list, this.#end);
    this.element.dataset["model"] = reply.model;
  }

  show(reply: Reply, unseen: boolean): void {
    this.#unseen.hidden = !unseen;
    if (reply === this.#shown) return;
    this.#shown = reply;
    this.element.toggleAttribute("data-writing", reply.end === null);
    for (const [place, writing] of reply.writings.entries()) {
      const view = this.#writings[place] ?? new WritingView(this.#name);
      if (this.#writings[place] === undefined) {
        this.#writings[place] = view;
        this.#list.append(view.element);
      }
      view.show(writing);
    }
    const end = endText(reply);
    this.#end.textContent = end === "" && !begun(reply) ? "…" : end;
    this.#end.dataset["end"] = reply.end ?? "";
  }
}
