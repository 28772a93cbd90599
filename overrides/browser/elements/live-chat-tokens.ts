/**
 * What a model read and wrote in the live chat, token by token: the prompt as it was, and for each written token its
 * probability with the five likeliest. One token is chosen at a time: by a tap, or with the arrow keys.
 */

import type { Prompt, PromptToken, Writing, Written } from "../logic/chat-protocol";
import { element } from "./dom";

const STEPS: Record<string, (place: number, last: number) => number> = {
  ArrowRight: (place, last) => Math.min(place + 1, last),
  ArrowLeft: (place) => Math.max(place - 1, 0),
  Home: () => 0,
  End: (_, last) => last,
};

/** A place that unfolds; its content is made when it is open, and grows as tokens come. */
export class TokensView {
  readonly element = element("details", { class: "chat__tokens" });
  #summary = element("summary");
  #read = element("div", { class: "chat__read" });
  #row = element("div", { class: "chat__row", role: "toolbar", "aria-label": "The tokens that it wrote" });
  #one = element("div", { class: "chat__one", "aria-live": "polite" });
  #chosen = 0;
  #writing: Writing | null = null;
  #prompt: Prompt | null = null;

  constructor(name: string) {
    this.#summary.append(element("span", { class: "lab-hidden" }, `${name}: `), element("span"));
    this.element.append(this.#summary);
    this.element.addEventListener("toggle", () => this.#draw());
    this.#row.addEventListener("keydown", (event) => this.#step(event));
  }

  show(writing: Writing): void {
    this.#writing = writing;
    const words = this.#summary.lastElementChild;
    const read = writing.prompt === null ? "" : `read ${writing.prompt.used}, `;
    const said = `Tokens: ${read}wrote ${writing.tokens.length}`;
    if (words !== null && words.textContent !== said) words.textContent = said;
    this.element.hidden = writing.prompt === null && writing.tokens.length === 0;
    this.#draw();
  }

  #draw(): void {
    const writing = this.#writing;
    if (!this.element.open || writing === null) return;
    if (!this.#row.isConnected) {
      const label = (text: string): HTMLElement => element("p", { class: "chat__caption" }, text);
      this.element.append(
        label("It read:"),
        this.#read,
        label("It wrote, with the probabilities before temperature:"),
        this.#row,
        this.#one,
      );
    }
    if (writing.prompt !== null && writing.prompt !== this.#prompt) {
      this.#prompt = writing.prompt;
      this.#read.replaceChildren(...blocks(writing.prompt.tokens));
    }
    for (const token of writing.tokens.slice(this.#row.childElementCount)) {
      this.#row.append(this.#token(token, this.#row.childElementCount));
    }
    if (this.#one.childElementCount === 0 && writing.tokens.length > 0) this.#choose(0);
  }

  #token(token: Written, place: number): HTMLButtonElement {
    const button = element(
      "button",
      { type: "button", class: tokenClass(token), tabindex: place === 0 ? "0" : "-1", "aria-pressed": "false" },
      visible(token.text),
    );
    button.setAttribute("aria-label", `${spoken(token.text)}, ${percent(token.probability)}`);
    button.style.setProperty("--chat-probability", String(token.probability));
    button.addEventListener("click", () => this.#choose(place));
    return button;
  }

  #step(event: KeyboardEvent): void {
    const step = STEPS[event.key];
    const tokens = this.#writing?.tokens.length ?? 0;
    if (step === undefined || tokens === 0) return;
    event.preventDefault();
    this.#choose(step(this.#chosen, tokens - 1));
    (this.#row.children[this.#chosen] as HTMLElement | undefined)?.focus();
  }

  #choose(place: number): void {
    const token = this.#writing?.tokens[place];
    if (token === undefined) return;
    for (const [number, button] of [...this.#row.children].entries()) {
      button.setAttribute("tabindex", number === place ? "0" : "-1");
      button.setAttribute("aria-pressed", String(number === place));
    }
    this.#chosen = place;
    this.#one.replaceChildren(chances(token));
  }
}

/** The likeliest tokens at this place, and the one that was drawn if it is none of them. */
function chances({ text, probability, top }: Written): HTMLElement {
  const shown = top.some((one) => one.text === text) ? top : [...top, { text, probability }];
  const rows = shown.map((one) => {
    const drawn = one.text === text;
    const bar = element("span", { class: "chat__bar" });
    bar.style.setProperty("--chat-probability", String(one.probability));
    return element(
      "tr",
      drawn ? { class: "chat__drawn" } : {},
      element("th", { scope: "row" }, visible(one.text), ...(drawn ? [element("em", {}, " written")] : [])),
      element("td", {}, percent(one.probability)),
      element("td", { class: "chat__bar-cell", "aria-hidden": "true" }, bar),
    );
  });
  const caption = element("caption", {}, `What it could have written in the place of ${spoken(text)}`);
  return element("table", { class: "chat__chances" }, caption, element("tbody", {}, ...rows));
}

/** A prompt's tokens, those of one turn together under the name of who speaks. */
function blocks(tokens: readonly PromptToken[]): HTMLElement[] {
  const made: HTMLElement[] = [];
  let role: string | null = null;
  for (const token of tokens) {
    if (token.role !== role || token.text === "<|im_start|>") {
      role = token.role;
      const block = element("p", { class: "chat__block" });
      if (role !== "") block.append(element("b", { class: "chat__role" }, role));
      made.push(block);
    }
    made.at(-1)?.append(element("span", { class: tokenClass(token) }, visible(token.text)));
  }
  return made;
}

function tokenClass({ special }: { special: boolean }): string {
  return special ? "chat__token chat__token--special" : "chat__token";
}

/** A token as it can be seen: an end of line has a sign. */
function visible(text: string): string {
  return text.replaceAll(" ", "·").replaceAll("\n", "⏎");
}

function spoken(text: string): string {
  if (text.trim() === "") return text.includes("\n") ? "the end of the line" : "a space";
  return `“${text.trim()}”`;
}

/** A probability: never 0 % for what can happen, never 100 % for what need not. */
function percent(probability: number): string {
  const share = probability * 100;
  if (share > 0 && share < 0.1) return "< 0.1 %";
  if (share < 100 && share > 99.9) return "> 99.9 %";
  return `${share.toFixed(1)} %`;
}
