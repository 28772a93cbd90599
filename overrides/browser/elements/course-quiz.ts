/**
 * `<course-quiz>`: the questions of a module, to be answered on the page.
 *
 * Attributes: `name` (of the quiz: its module's folder), `progress` (the address of the progress page, if there is one).
 * Content, from the build: for each question a `fieldset.quiz-question` and, behind it, a `details.quiz-answer`.
 * They read well by themselves. What makes forms of them is loaded when they are about to come into view.
 */

import type { QuizView } from "./course-quiz-view";
import { loadFailure } from "./load-failure";

const NEAR = "800px";

export class CourseQuiz extends HTMLElement {
  #view: QuizView | null = null;
  #seen: IntersectionObserver | null = null;
  #failure: HTMLElement | null = null;

  connectedCallback(): void {
    if (this.#view !== null) return this.#view.attach();
    this.#seen = new IntersectionObserver(
      (entries) => {
        if (entries.some(({ isIntersecting }) => isIntersecting)) void this.load();
      },
      { rootMargin: NEAR },
    );
    this.#seen.observe(this);
  }

  disconnectedCallback(): void {
    this.#seen?.disconnect();
    this.#view?.detach();
  }

  /** The quiz's name: its module's folder. */
  get name(): string {
    const name = this.getAttribute("name");
    if (name === null) throw new Error("<course-quiz> needs the attribute “name”.");
    return name;
  }

  /** Fetch the rest of the element, and make forms of the questions. */
  async load(): Promise<void> {
    this.#seen?.disconnect();
    try {
      const { QuizView } = await import("./course-quiz-view");
      if (this.#view !== null) return;
      this.#failure?.remove();
      this.#view = new QuizView(this);
      if (this.isConnected) this.#view.attach();
    } catch (error) {
      this.#failure?.remove();
      const said = "The quiz did not load; its answers are folded below each question.";
      this.#failure = loadFailure(said, error, "Load the quiz again", () => void this.load());
      this.prepend(this.#failure);
    }
  }
}
