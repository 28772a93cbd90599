/** Where the reader writes to the models: the box, what can be pressed, and prompts to begin with. */

import { PARAMETERS, questionOf } from "../logic/chat-calls";
import type { ToolCall } from "../logic/chat-protocol";
import type { Client } from "../runtime/client";
import { copyText } from "./clipboard";
import { freshId } from "./controls";
import { element } from "./dom";
import { pill, Sampling } from "./live-chat-settings";
import type { Conversation } from "./live-chat-state";
import { chatText, type Offer } from "./live-chat-texts";
import { Tools } from "./live-chat-tools";
import { Notes } from "./notes";
import { button, RunStatus } from "./run-status";

export class Composer {
  readonly element = element("div", { class: "chat__composer" });
  readonly box: HTMLTextAreaElement;
  #conversation: Conversation;
  #send = button("Send", "Send", () => this.send(), "lab-button--run");
  #stop = button("Stop", "Stop the models", () => this.#conversation.stop(), "lab-button--stop");
  #again = button("Regenerate", "Regenerate the replies, with the next seed", () => this.#regenerate());
  #fresh = button("New conversation", "", () => this.#clear());
  #copy = button("Copy as JSON", "Copy as JSON: the conversation’s messages", () => void this.#copied());
  #think = pill("Think", "The assistant writes its thoughts first", (think) => this.#conversation.set({ think }));
  #tools = pill("Tools", "The assistant may call the calculator, and other tools that you choose", (tools) =>
    this.#conversation.set({ tools }),
  );
  #calls: Tools;
  #sampling: Sampling;
  #status: RunStatus;
  #notes = new Notes(() => this.box);
  #fault = element("div", { class: "chat__fault", role: "alert" });
  #offers = element("div", { class: "chat__offers", role: "group", "aria-label": "Prompts to try" });
  #exported: () => string;
  #said = "";

  constructor(conversation: Conversation, client: Client, offers: readonly Offer[], exported: () => string) {
    this.#conversation = conversation;
    this.#exported = exported;
    this.#sampling = new Sampling(conversation);
    this.#calls = new Tools(conversation, (call) => this.#call(call));
    this.#status = new RunStatus(client, "to answer the last message", () => conversation.retry());
    const id = freshId();
    this.box = element("textarea", { class: "chat__box", id, rows: "2", placeholder: "Say something to the models" });
    this.box.addEventListener("input", () => {
      this.#conversation.draft = this.box.value;
      this.#said = "";
    });
    this.box.addEventListener("keydown", (event) => this.#key(event));
    for (const offer of offers) {
      const title = "call" in offer ? `${questionOf(offer.call)} With a call in the model’s place` : offer.text;
      const chip = element("button", { type: "button", class: "chat__offer", title }, offer.name);
      chip.addEventListener("click", () => this.#offer(offer));
      this.#offers.append(chip);
    }
    for (const plain of [this.#send, this.#fresh]) plain.removeAttribute("aria-label");
    const label = element(
      "label",
      { class: "lab-hidden", for: id },
      "Your message; Enter sends, Shift+Enter is a new line",
    );
    const more = element("details", { class: "chat__more" }, element("summary", {}, "Temperature, seed and more"));
    more.append(this.#sampling.element, element("div", { class: "chat__actions" }, this.#fresh, this.#copy));
    const writing = element("div", { class: "chat__writing-row" }, label, this.box, this.#send, this.#stop);
    const row = element("div", { class: "chat__actions" }, this.#think, this.#tools, this.#again, this.#status.line);
    this.element.append(this.#offers, this.#fault, writing, row, this.#calls.element);
    this.element.append(this.#status.boot, this.#status.failure, this.#notes.place, more);
  }

  /** Send what is in the box. */
  send(): void {
    if (this.#conversation.busy) return this.say("Wait for the replies, or stop them.");
    if (this.box.value.trim() === "") return this.say("Write something first.");
    const text = this.box.value;
    this.#put("");
    this.#conversation.send(text);
  }

  say(words: string): void {
    this.#said = words;
    this.show();
  }

  show(): void {
    const { busy, settings, run, fault, exchanges, draft } = this.#conversation;
    if (!busy && document.activeElement === this.#stop) this.box.focus();
    [this.#send.hidden, this.#stop.hidden] = [busy, !busy];
    if (this.box.value !== draft) this.box.value = draft;
    this.#think.setAttribute("aria-checked", String(settings.think));
    this.#tools.setAttribute("aria-checked", String(settings.tools));
    this.#again.disabled = busy || exchanges.length === 0;
    this.#copy.disabled = exchanges.length === 0;
    this.#sampling.show();
    this.#calls.show();
    if (run === null) this.#status.say(this.#said);
    else this.#status.show(run, this.#said || chatText(run, this.#conversation.restarted));
    this.#showFault(fault);
  }

  #showFault(fault: Conversation["fault"]): void {
    const said = fault === null ? "" : fault.text;
    this.#fault.hidden = fault === null;
    if (this.#fault.firstElementChild?.textContent === said) return;
    this.#fault.replaceChildren(element("p", {}, said));
    if (fault === null || fault.trace === "") return;
    const trace = element("pre", { tabindex: "0" }, fault.trace);
    this.#fault.append(element("details", {}, element("summary", {}, "Where it happened"), trace));
  }

  #key(event: KeyboardEvent): void {
    // Enter also ends a word that is being put together, as in Japanese.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    this.send();
  }

  #offer(offer: Offer): void {
    if ("call" in offer) return this.#callOffered(offer.call);
    if (this.#conversation.busy) return this.say("Wait for the replies, or stop them.");
    if (offer.tools === true) this.#conversation.set({ tools: true });
    this.#said = "";
    this.#conversation.send(offer.text);
  }

  /** The call also stands where the reader can change it. */
  #callOffered(call: ToolCall): void {
    if (this.#conversation.busy) return this.say("Wait for the replies, or stop them.");
    const { values } = this.#conversation.drafted;
    const value = call.arguments[PARAMETERS[call.name] ?? ""] ?? "";
    this.#conversation.drafted = { tool: call.name, values: { ...values, [call.name]: value } };
    this.#conversation.set({ tools: true });
    this.#call(call);
  }

  #call(call: ToolCall): void {
    if (this.#conversation.busy) return this.say("Wait for the replies, or stop them.");
    this.#said = "";
    this.#conversation.call(call);
  }

  #regenerate(): void {
    this.#conversation.regenerate();
    const same = this.#conversation.settings.temperature === 0;
    this.say(same ? "At temperature 0 every try gives the same." : "");
  }

  #clear(): void {
    this.#conversation.clear();
    this.say("A new conversation.");
    this.box.focus();
  }

  async #copied(): Promise<void> {
    await copyText(this.#exported(), this.#notes, () => this.say("Copied as JSON."));
  }

  #put(text: string): void {
    this.box.value = text;
    this.#conversation.draft = text;
    this.#said = "";
  }
}
