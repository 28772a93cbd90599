/** A list that is put in order with buttons: each item has one to move it up and one to move it down. */

import type { InputOptions, Judged, QuizInput } from "./course-quiz-inputs";
import { element } from "./dom";

interface Item {
  row: HTMLElement;
  /** Where it belongs, from 0. */
  place: number;
  text: string;
  up: HTMLButtonElement;
  down: HTMLButtonElement;
  mark: HTMLElement;
}

type Judge = (order: readonly number[]) => { right: boolean; inPlace: boolean[] };

export class OrderInput implements QuizInput {
  #list: HTMLElement;
  #items: Item[];
  #first: Item[];
  #answer: HTMLElement;
  #judge: Judge;
  #options: InputOptions;
  #moved = false;

  constructor(field: HTMLFieldSetElement, answer: HTMLElement, options: InputOptions, judge: Judge) {
    const list = field.querySelector<HTMLElement>(".quiz-question__options");
    if (list === null) throw new Error(`The question ${field.id} has nothing to put in order.`);
    [this.#list, this.#answer, this.#options, this.#judge] = [list, answer, options, judge];
    this.#items = [...list.children].map((row) => this.#item(row as HTMLElement));
    this.#first = [...this.#items];
    this.#show();
  }

  judge(): Judged | string {
    if (!this.#moved) return "Move the items first, until they stand in the order that you think is right.";
    const { right, inPlace } = this.#judge(this.#items.map(({ place }) => place));
    const good = inPlace.filter(Boolean).length;
    const reasons = [...this.#answer.querySelectorAll<HTMLElement>(".quiz-answer__reasons > li")];
    const copies = reasons.map((reason) => reason.cloneNode(true) as HTMLElement);
    return {
      right,
      said: right ? "" : `${good} of ${inPlace.length} stand in their place.`,
      reasons: right ? copies : [],
      others: right ? [] : copies,
      othersTitle: "The right order, and why",
    };
  }

  mark(judged: Judged | null): void {
    for (const [at, { mark, place }] of this.#items.entries()) {
      const word = judged === null ? "" : place === at ? "in place" : "not in place";
      mark.textContent = word;
      mark.dataset["mark"] = word === "" ? "" : place === at ? "right" : "wrong";
    }
  }

  reset(): void {
    this.#items = [...this.#first];
    this.#moved = false;
    this.#list.append(...this.#items.map(({ row }) => row));
    this.#show();
  }

  focus(): void {
    this.#items[0]?.down.focus();
  }

  #item(row: HTMLElement): Item {
    const place = Number(row.dataset["place"]);
    const text = row.textContent?.trim() ?? "";
    const mover = (word: string, by: number): HTMLButtonElement => {
      const label = `Move ${word.toLowerCase()}: ${text}`;
      const made = element("button", { type: "button", class: "lab-button quiz-move", "aria-label": label }, word);
      made.addEventListener("click", () => this.#move(item, by, made));
      return made;
    };
    const [up, down] = [mover("Up", -1), mover("Down", 1)];
    const mark = element("span", { class: "quiz-mark" });
    const words = element("span", { class: "quiz-option__words" }, ...row.childNodes);
    row.append(element("div", { class: "quiz-option" }, words, element("span", {}, up, down, mark)));
    const item = { row, place, text, up, down, mark };
    return item;
  }

  #move(item: Item, by: number, pressed: HTMLButtonElement): void {
    const from = this.#items.indexOf(item);
    const to = from + by;
    if (to < 0 || to >= this.#items.length) return;
    this.#items.splice(from, 1);
    this.#items.splice(to, 0, item);
    this.#moved = true;
    this.#list.append(...this.#items.map(({ row }) => row));
    pressed.focus();
    this.#options.changed();
    this.#options.say(`${item.text} is now number ${to + 1} of ${this.#items.length}.`);
    this.#show();
  }

  /** A button at an end stays in the walk of the Tab key, so that the focus is not lost when an item arrives there. */
  #show(): void {
    for (const [at, { up, down }] of this.#items.entries()) {
      up.setAttribute("aria-disabled", String(at === 0));
      down.setAttribute("aria-disabled", String(at === this.#items.length - 1));
    }
  }
}
