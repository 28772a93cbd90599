/** The tools of the live chat: which are offered beside the calculator, and a call that the reader writes. */

import { callOf, PARAMETERS } from "../logic/chat-calls";
import { TAUGHT, TOOLS, type ToolCall } from "../logic/chat-protocol";
import { freshId } from "./controls";
import { element } from "./dom";
import type { Conversation } from "./live-chat-state";
import { ABOUT_CALLS, ABOUT_TOOLS } from "./live-chat-texts";

/** Longer ones would fill the model's context by themselves. */
const MOST_CHARACTERS = "200";

/** What unfolds below the switch for tools. */
export class Tools {
  readonly element = element("div", { class: "chat__tools" });
  #conversation: Conversation;
  #offers: Offers;
  #form: CallForm;

  constructor(conversation: Conversation, call: (call: ToolCall) => void) {
    this.#conversation = conversation;
    this.#offers = new Offers(conversation);
    this.#form = new CallForm(conversation, call);
    const about = element("p", { class: "chat__tools-about" }, ABOUT_TOOLS);
    this.element.append(this.#offers.element, about, this.#form.element);
  }

  show(): void {
    this.element.hidden = !this.#conversation.settings.tools;
    this.#offers.show();
    this.#form.show();
  }
}

/** A checkbox for each tool that the models were not taught. */
class Offers {
  readonly element = element("div", { class: "chat__tools-offers", role: "group" });
  #conversation: Conversation;
  #boxes = TOOLS.filter((tool) => tool !== TAUGHT).map((tool) => element("input", { type: "checkbox", value: tool }));

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    const label = element("span", { id: freshId() }, `Offered: ${TAUGHT}. Offer also:`);
    this.element.setAttribute("aria-labelledby", label.id);
    this.element.append(label);
    for (const box of this.#boxes) {
      box.addEventListener("change", () => this.#chosen());
      this.element.append(element("label", { class: "chat__tool" }, box, box.value));
    }
  }

  show(): void {
    const { more } = this.#conversation.settings;
    for (const box of this.#boxes) box.checked = more.includes(box.value);
  }

  #chosen(): void {
    const more = this.#boxes.filter(({ checked }) => checked).map(({ value }) => value);
    this.#conversation.set({ more });
  }
}

/** A tool, its argument, and a button that has it called. */
class CallForm {
  readonly element = element("form", { class: "chat__call", "aria-label": "Write a call yourself" });
  #conversation: Conversation;
  #tool: HTMLSelectElement;
  #value: HTMLInputElement;
  #name: HTMLLabelElement;
  #none = element("span", { class: "chat__tools-about" }, "no argument");

  constructor(conversation: Conversation, call: (call: ToolCall) => void) {
    this.#conversation = conversation;
    const options = TOOLS.map((tool) => element("option", { value: tool }, tool));
    this.#tool = element("select", { "aria-label": "Tool to call" }, ...options);
    this.#tool.addEventListener("change", () => this.#draft({ tool: this.#tool.value }));
    const id = freshId();
    this.#value = element("input", {
      type: "text",
      id,
      maxlength: MOST_CHARACTERS,
      autocomplete: "off",
      spellcheck: "false",
      dir: "auto",
    });
    this.#value.addEventListener("input", () => {
      const { tool, values } = conversation.drafted;
      this.#draft({ values: { ...values, [tool]: this.#value.value } });
    });
    this.#name = element("label", { for: id });
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      const { tool, values } = conversation.drafted;
      call(callOf(tool, values[tool] ?? ""));
    });
    const submit = element("button", { type: "submit", class: "lab-button" }, "Call it");
    const title = element("span", { class: "chat__call-title", "aria-hidden": "true" }, "Write a call yourself");
    const row = element("div", { class: "chat__call-row" }, this.#tool, this.#name, this.#value, this.#none, submit);
    this.element.append(title, row, element("p", { class: "chat__tools-about" }, ABOUT_CALLS));
  }

  show(): void {
    const { tool, values } = this.#conversation.drafted;
    const parameter = PARAMETERS[tool] ?? null;
    this.#tool.value = tool;
    this.#name.textContent = parameter;
    this.#none.hidden = parameter !== null;
    [this.#name.hidden, this.#value.hidden] = [parameter === null, parameter === null];
    const value = values[tool] ?? "";
    if (this.#value.value !== value) this.#value.value = value;
  }

  #draft(change: Partial<Conversation["drafted"]>): void {
    this.#conversation.drafted = { ...this.#conversation.drafted, ...change };
    this.show();
  }
}
