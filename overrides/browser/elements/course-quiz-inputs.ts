/** What a question is answered with: radio buttons, check boxes, a number, or a list to be put in order. */

import { choiceText, judgeChoice, judgeNumber, judgeOrder, type NumberKey, readNumber } from "../logic/quiz";
import { OrderInput } from "./course-quiz-order";
import { element } from "./dom";

/** What was found of an answer: a word on it, the reasons that belong to it, and those to be folded away. */
export interface Judged {
  right: boolean;
  /** The first word on it; without one it is “Right.” or “Not right.” */
  word?: string;
  said: string;
  reasons: HTMLElement[];
  others: HTMLElement[];
  othersTitle: string;
}

export interface QuizInput {
  /** What is to be said of the answer, or in words what is missing in it. */
  judge(): Judged | string;
  /** Mark the parts of a checked answer as right or wrong; null takes the marks away. */
  mark(judged: Judged | null): void;
  /** Back to no answer. */
  reset(): void;
  /** Put the focus where the reader answers; `wrong`: something is missing there. */
  focus(wrong: boolean): void;
}

export interface InputOptions {
  /** The id of the place that says what is missing. */
  trouble: string;
  /** The reader has changed the answer. */
  changed(): void;
  /** The reader wants it checked. */
  enter(): void;
  /** Read a text aloud. */
  say(text: string): void;
}

/** The input for a question, which it adds to. `answer` holds the reasons. */
export function inputOf(field: HTMLFieldSetElement, answer: HTMLElement, options: InputOptions): QuizInput {
  const { kind } = field.dataset;
  switch (kind) {
    case "single":
    case "output":
    case "multiple":
      return new ChoiceInput(field, answer, options);
    case "number":
      return new NumberInput(field, answer, options);
    case "order":
      return new OrderInput(field, answer, options, judgeOrder);
    default:
      throw new Error(`The question ${field.id} is of an unknown kind: ${kind}`);
  }
}

/** The reasons of a question's options, as the build has written them, each a copy. */
export function reasonsOf(answer: HTMLElement): HTMLElement[] {
  const found = answer.querySelectorAll<HTMLElement>(".quiz-answer__reasons > li");
  return [...found].map((reason) => reason.cloneNode(true) as HTMLElement);
}

class ChoiceInput implements QuizInput {
  #boxes: HTMLInputElement[] = [];
  #marks: HTMLElement[] = [];
  #answer: HTMLElement;
  #several: boolean;

  constructor(field: HTMLFieldSetElement, answer: HTMLElement, options: InputOptions) {
    this.#answer = answer;
    this.#several = field.dataset["kind"] === "multiple";
    field.querySelector(".quiz-question__options")?.classList.add("quiz-choices");
    for (const option of field.querySelectorAll<HTMLElement>(".quiz-question__options > li")) {
      const type = this.#several ? "checkbox" : "radio";
      const box = element("input", { type, name: field.id, "aria-describedby": options.trouble });
      const mark = element("span", { class: "quiz-mark" });
      const words = element("span", { class: "quiz-option__words" }, ...option.childNodes, " ", mark);
      option.append(element("label", { class: "quiz-option" }, box, words));
      this.#boxes.push(box);
      this.#marks.push(mark);
      box.addEventListener("change", () => options.changed());
      box.addEventListener("keydown", (event) => {
        if (event.key === "Enter") options.enter();
      });
    }
  }

  judge(): Judged | string {
    const chosen = new Set(this.#boxes.flatMap((box, place) => (box.checked ? [place] : [])));
    if (chosen.size === 0) return this.#several ? "Choose at least one option first." : "Choose an option first.";
    const reasons = reasonsOf(this.#answer);
    const right = new Set(reasons.flatMap((reason, place) => ("right" in reason.dataset ? [place] : [])));
    const verdict = judgeChoice(chosen, right);
    return {
      right: verdict.right,
      said: this.#several ? choiceText(verdict) : "",
      reasons: reasons.filter((_, place) => chosen.has(place)),
      others: reasons.filter((_, place) => !chosen.has(place)),
      othersTitle: "Why the other options are right or wrong",
    };
  }

  mark(judged: Judged | null): void {
    const reasons = reasonsOf(this.#answer);
    for (const [place, mark] of this.#marks.entries()) {
      const shown = judged !== null && this.#boxes[place]?.checked === true;
      const right = reasons[place]?.dataset["right"] !== undefined;
      mark.textContent = shown ? (right ? "right" : "wrong") : "";
      mark.dataset["mark"] = mark.textContent;
    }
  }

  reset(): void {
    for (const box of this.#boxes) box.checked = false;
  }

  focus(): void {
    (this.#boxes.find((box) => box.checked) ?? this.#boxes[0])?.focus();
  }
}

class NumberInput implements QuizInput {
  #input: HTMLInputElement;
  #answer: HTMLElement;
  #key: NumberKey;

  constructor(field: HTMLFieldSetElement, answer: HTMLElement, options: InputOptions) {
    const { answer: right, tolerance, unit = "" } = field.dataset;
    if (right === undefined || tolerance === undefined) throw new Error(`The question ${field.id} has no number.`);
    const values = answer.querySelectorAll<HTMLElement>("[data-value]");
    const wrong = [...values].map(({ dataset }) => ({
      value: Number(dataset["value"]),
      tolerance: Number(dataset["tolerance"]),
    }));
    this.#key = { answer: Number(right), tolerance: Number(tolerance), unit, wrong };
    this.#answer = answer;
    // A phone's keys for decimals may lack the minus sign.
    const mode = [this.#key.answer, ...wrong.map(({ value }) => value)].some((value) => value < 0) ? "text" : "decimal";
    this.#input = element("input", {
      type: "text",
      class: "quiz-number",
      inputmode: mode,
      autocomplete: "off",
      size: "12",
      "aria-describedby": options.trouble,
    });
    const label = element("label", { class: "quiz-number__line" }, "Your answer ", this.#input, unit ? ` ${unit}` : "");
    field.append(label);
    this.#input.addEventListener("input", () => options.changed());
    this.#input.addEventListener("keydown", (event) => {
      if (event.key === "Enter" && !event.isComposing) options.enter();
    });
  }

  judge(): Judged | string {
    const read = readNumber(this.#input.value, this.#key.unit);
    if ("trouble" in read) return read.trouble;
    const { right, known, hint, close } = judgeNumber(read.value, this.#key);
    const reasons = reasonsOf(this.#answer);
    const why = element("li", {});
    why.append(...(this.#answer.querySelector(".quiz-answer__number")?.cloneNode(true).childNodes ?? []));
    const found = known === null ? undefined : reasons[known];
    const others = reasons.filter((reason) => reason !== found);
    return {
      right,
      ...(close ? { word: "Close:" } : {}),
      said: [hint, read.note].filter(Boolean).join(" "),
      reasons: right ? [why] : found === undefined ? [] : [found],
      others: right ? others : [why, ...others],
      othersTitle: right ? "Numbers that others arrive at" : "The answer, and why",
    };
  }

  mark(judged: Judged | null): void {
    this.#input.removeAttribute("aria-invalid");
    if (judged === null) delete this.#input.dataset["mark"];
    else this.#input.dataset["mark"] = judged.right ? "right" : "wrong";
  }

  reset(): void {
    this.#input.value = "";
  }

  focus(wrong: boolean): void {
    if (wrong) this.#input.setAttribute("aria-invalid", "true");
    this.#input.focus();
  }
}
