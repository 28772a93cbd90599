/**
 * `<course-quiz>`: the questions of a module, to be answered on the page.
 *
 * Attributes: `name` (of the quiz: its module's folder), `progress` (the address of the progress page, if there is one).
 * Content, from the build: for each question a `fieldset.quiz-question` and, behind it, a `details.quiz-answer`.
 * They read well by themselves. What makes forms of them is loaded when they are about to come into view.
 */

import type { QuizView } from "./course-quiz-view";
import { LazyElement } from "./lazy-element";

export class CourseQuiz extends LazyElement<QuizView> {
  protected override readonly near = "800px";
  protected readonly trouble = {
    said: "The quiz did not load; its answers are folded below each question.",
    again: "Load the quiz again",
  };

  /** The quiz's name: its module's folder. */
  get name(): string {
    const name = this.getAttribute("name");
    if (name === null) throw new Error("<course-quiz> needs the attribute “name”.");
    return name;
  }

  protected async fetch(): Promise<() => QuizView> {
    const { QuizView } = await import("./course-quiz-view");
    return () => new QuizView(this);
  }
}
