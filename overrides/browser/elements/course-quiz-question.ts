/** One question of a quiz: its input, Check and Try again, what was right or wrong about the answer, and why. */

import { type Answered, progress, today } from "../logic/progress";
import { inputOf, type Judged } from "./course-quiz-inputs";
import { element } from "./dom";
import { button } from "./run-status";

export interface QuestionOptions {
  quiz: string;
  /** From 1. */
  number: number;
  /** Read a text aloud. */
  say(text: string): void;
  /** What is kept has changed. */
  changed(): void;
}

export class QuestionView {
  readonly id: string;
  #options: QuestionOptions;
  #field: HTMLFieldSetElement;
  #answer: HTMLDetailsElement;
  #input: ReturnType<typeof inputOf>;
  #check: HTMLButtonElement;
  #kept = element("span", { class: "quiz-question__kept" });
  #trouble: HTMLElement;
  #feedback = element("div", { class: "quiz-feedback" });

  /** `field` was written by the build, and its answer stands behind it. */
  constructor(field: HTMLFieldSetElement, options: QuestionOptions) {
    const answer = field.nextElementSibling;
    const { question } = field.dataset;
    if (!(answer instanceof HTMLDetailsElement) || question === undefined)
      throw new Error(`The question ${field.id} has no answer behind it: was it written by the build?`);
    [this.id, this.#field, this.#answer, this.#options] = [question, field, answer, options];
    this.#trouble = element("p", { class: "trouble-note", id: `${field.id}-trouble` });
    this.#check = button("Check", "", () => this.#press());
    this.#check.classList.add("lab-button--run");
    this.#input = inputOf(field, answer, {
      trouble: this.#trouble.id,
      changed: () => this.#clear(),
      enter: () => this.check(),
      say: (text) => options.say(text),
    });
    const bar = element("div", { class: "quiz-question__bar" }, this.#check, this.#kept);
    field.append(this.#trouble, bar, this.#feedback);
    answer.hidden = true;
    this.#clear();
  }

  /** Say whether the answer is right, and why. */
  check(): void {
    const judged = this.#input.judge();
    this.#clear();
    if (typeof judged === "string") {
      this.#trouble.textContent = judged;
      this.#trouble.hidden = false;
      this.#options.say(judged);
      this.#input.focus(true);
      return;
    }
    this.#input.mark(judged);
    this.#showFeedback(judged);
    this.#field.dataset["result"] = judged.right ? "right" : "wrong";
    this.#setButton("Try again");
    progress.answer(this.#options.quiz, this.id, judged.right, today());
    this.#options.changed();
  }

  /** Show what is kept of this question. */
  showKept(kept: Answered | undefined): void {
    const times = kept?.tries === 1 ? "once" : `${kept?.tries} times`;
    if (kept === undefined) this.#kept.textContent = "";
    else if (kept.state === "right") this.#kept.textContent = `You answered it right on ${kept.date}.`;
    else this.#kept.textContent = `Tried ${times}, not right yet.`;
  }

  #press(): void {
    if (this.#field.dataset["result"] === undefined) return this.check();
    this.#input.reset();
    this.#clear();
    this.#input.focus(false);
  }

  /** Back to a question that is not checked. */
  #clear(): void {
    delete this.#field.dataset["result"];
    this.#trouble.hidden = true;
    this.#trouble.textContent = "";
    this.#feedback.replaceChildren();
    this.#feedback.hidden = true;
    this.#input.mark(null);
    this.#setButton("Check");
  }

  #setButton(text: string): void {
    this.#check.textContent = text;
    this.#check.setAttribute("aria-label", `${text}: question ${this.#options.number}`);
  }

  #showFeedback({ right, word: first, said, reasons, others, othersTitle }: Judged): void {
    const word = element("strong", {}, first ?? (right ? "Right." : "Not right."));
    const verdict = element("p", { class: "quiz-feedback__verdict" }, word, said === "" ? "" : ` ${said}`);
    const list = element("ul", { class: "quiz-feedback__reasons" }, ...reasons);
    const folded = element("details", {}, element("summary", {}, othersTitle));
    folded.append(element("ul", { class: "quiz-feedback__reasons" }, ...others));
    const learn = this.#answer.querySelector(".quiz-answer__learn")?.cloneNode(true) ?? "";
    this.#feedback.replaceChildren(
      verdict,
      ...(reasons.length === 0 ? [] : [list]),
      ...(others.length === 0 ? [] : [folded]),
      learn,
    );
    this.#feedback.hidden = false;
    const heard = [verdict, ...reasons.flatMap((reason) => [...reason.children])].map((part) => plain(part));
    this.#options.say(`Question ${this.#options.number}: ${heard.join(" ")}`);
  }
}

function plain(part: Element): string {
  return (part.textContent ?? "").replace(/\s+/g, " ").trim();
}
