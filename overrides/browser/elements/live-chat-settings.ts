/** How the live chat is set: which models, how a base model gets the words, thinking, tools, temperature and seed. */

import { type Column, FRAMINGS, type Framing, MODELS, type ModelName } from "../logic/chat-protocol";
import type { Client } from "../runtime/client";
import { freshId } from "./controls";
import { element } from "./dom";
import type { Conversation } from "./live-chat-state";
import { FRAMING_NAMES, NAMES } from "./live-chat-texts";

const NONE = "none";
const MOST_COLUMNS = 2;

/** The choice of models: one or two, each with its framing if it is the base model. */
export class Columns {
  readonly element = element("div", { class: "chat__columns", role: "group", "aria-label": "Models" });
  #pickers: Picker[] = [];
  #conversation: Conversation;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    for (let place = 0; place < MOST_COLUMNS; place++) this.#pickers.push(new Picker(place, () => this.#chosen()));
    this.element.append(...this.#pickers.map((picker) => picker.element));
  }

  show(client: Client): void {
    const { columns } = this.#conversation.settings;
    for (const [place, picker] of this.#pickers.entries()) picker.show(columns[place] ?? null, client.hasKept);
  }

  #chosen(): void {
    const columns = this.#pickers.map((picker) => picker.column).filter((column) => column !== null);
    this.#conversation.set({ columns });
  }
}

class Picker {
  readonly element: HTMLElement;
  #model: HTMLSelectElement;
  #framing: HTMLSelectElement;
  #mine: HTMLOptionElement;

  constructor(place: number, chosen: () => void) {
    const option = (value: string, text: string): HTMLOptionElement => element("option", { value }, text);
    const options = MODELS.map((model) => option(model, NAMES[model]));
    if (place > 0) options.push(option(NONE, "None: one model alone"));
    const which = place === 0 ? "First" : "Second";
    this.#model = element("select", { "aria-label": `${which} model` }, ...options);
    const framings = FRAMINGS.map((framing) => option(framing, FRAMING_NAMES[framing]));
    this.#framing = element("select", { "aria-label": `What the ${which.toLowerCase()} model reads` }, ...framings);
    this.#mine = options.find(({ value }) => value === "mine") ?? option("mine", NAMES.mine);
    for (const select of [this.#model, this.#framing]) select.addEventListener("change", chosen);
    this.element = element("div", { class: "chat__column" }, this.#model, this.#framing);
  }

  get column(): Column | null {
    if (this.#model.value === NONE) return null;
    return { model: this.#model.value as ModelName, framing: this.#framing.value as Framing };
  }

  /** Show this column. The reader's own model can be chosen once there is one. */
  show(column: Column | null, mine: boolean): void {
    this.#model.value = column?.model ?? NONE;
    if (column !== null) this.#framing.value = column.framing;
    this.#framing.hidden = column?.model !== "base";
    [this.#mine.hidden, this.#mine.disabled] = [!mine && column?.model !== "mine", !mine];
  }
}

/** A switch that looks like a pill. */
export function pill(text: string, about: string, chosen: (on: boolean) => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "chat__pill", role: "switch", title: about }, text);
  made.addEventListener("click", () => chosen(made.getAttribute("aria-checked") !== "true"));
  return made;
}

/** Temperature and seed: what sampling hangs on. */
export class Sampling {
  readonly element: HTMLElement;
  #temperature = element("input", { type: "range", min: "0", max: "2", step: "0.1", id: freshId() });
  #shown = element("span", { class: "chat__number", "aria-hidden": "true" });
  #seed = element("input", { type: "number", min: "0", step: "1", inputmode: "numeric", id: freshId() });
  #conversation: Conversation;

  constructor(conversation: Conversation) {
    this.#conversation = conversation;
    this.#temperature.addEventListener("input", () =>
      conversation.set({ temperature: this.#temperature.valueAsNumber }),
    );
    this.#seed.addEventListener("change", () => {
      const seed = this.#seed.valueAsNumber;
      if (Number.isSafeInteger(seed) && seed >= 0) conversation.set({ seed });
      this.show();
    });
    const label = (text: string, input: HTMLElement): HTMLElement => element("label", { for: input.id }, text);
    this.element = element(
      "div",
      { class: "chat__sampling" },
      label("Temperature", this.#temperature),
      this.#temperature,
      this.#shown,
      label("Seed", this.#seed),
      this.#seed,
    );
  }

  show(): void {
    const { temperature, seed } = this.#conversation.settings;
    this.#temperature.value = String(temperature);
    this.#shown.textContent = temperature.toFixed(1);
    this.#seed.value = String(seed);
  }
}
