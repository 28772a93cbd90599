/**
 * `<course-progress>`: what the reader has answered and solved, over all pages, to be carried elsewhere or erased.
 *
 * Content, from the build: for each part a `section.progress-part` with its heading and a list of pages, each with links
 * to its questions (`li[data-quiz][data-question]`) and exercises (`li[data-exercise]`). They read well by themselves.
 * What counts them is loaded when the element stands on the page.
 */

import type { ProgressView } from "./course-progress-view";
import { LazyElement } from "./lazy-element";

export class CourseProgress extends LazyElement<ProgressView> {
  protected readonly trouble = { said: "Nothing was counted.", again: "Load the progress again" };

  protected async fetch(): Promise<() => ProgressView> {
    const { ProgressView } = await import("./course-progress-view");
    return () => new ProgressView(this);
  }
}
