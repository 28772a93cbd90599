/** The questions of a quiz as forms, with what the reader has answered of them before. */

import { concerns, progress } from "../logic/progress";
import type { CourseQuiz } from "./course-quiz";
import { QuestionView } from "./course-quiz-question";
import { element } from "./dom";

export class QuizView {
  #host: CourseQuiz;
  #questions: QuestionView[];
  #sum = element("p", { class: "quiz-sum" });
  /** Read aloud when a question was checked, so that the focus can stay where it is. */
  #live = element("p", { class: "quiz-live", role: "status" });
  #listening = new AbortController();

  constructor(host: CourseQuiz) {
    this.#host = host;
    const fields = [...host.querySelectorAll<HTMLFieldSetElement>("fieldset.quiz-question")];
    this.#questions = fields.map(
      (field, place) =>
        new QuestionView(field, {
          quiz: host.name,
          number: place + 1,
          say: (text) => this.#say(text),
          changed: () => this.#show(),
        }),
    );
    host.append(this.#sum, this.#live);
  }

  attach(): void {
    this.#listening.abort();
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const reread = (event: StorageEvent): void => {
      if (concerns(event.key)) this.#show();
    };
    window.addEventListener("storage", reread, { signal });
    window.addEventListener("beforeprint", () => this.#unfold(true), { signal });
    window.addEventListener("afterprint", () => this.#unfold(false), { signal });
    this.#show();
  }

  detach(): void {
    this.#listening.abort();
  }

  /** The same words are read aloud once more if they come once more. */
  #say(text: string): void {
    this.#live.textContent = this.#live.textContent === text ? `${text} ` : text;
  }

  #show(): void {
    const kept = progress.read().quizzes[this.#host.name] ?? {};
    for (const question of this.#questions) question.showKept(kept[question.id]);
    const right = this.#questions.filter(({ id }) => kept[id]?.state === "right").length;
    const counted = `You have answered ${right} of ${this.#questions.length} questions right. `;
    const address = this.#host.getAttribute("progress");
    const link = address === null ? [] : [element("a", { href: address }, "See all your progress"), "."];
    const refused = progress.refused === "" ? [] : [` ${progress.refused}`];
    this.#sum.replaceChildren(counted, ...link, ...refused);
  }

  #unfold(open: boolean): void {
    for (const answer of this.#host.querySelectorAll<HTMLDetailsElement>(".quiz-answer")) answer.open = open;
  }
}
