/**
 * `<module-tools>`: what a module offers above its text: itself as slides, and a print-out.
 *
 * Content, from the build: `.module-about`, how long it takes to read.
 * Address: `?slides` opens the slides, `?slides=3` the third.
 * Custom properties: those of styles/tokens.css.
 */

import { button } from "./run-status";
import type { Slides } from "./slides";

export class ModuleTools extends HTMLElement {
  #slides: Slides | null = null;

  connectedCallback(): void {
    if (this.querySelector("button") === null) {
      this.append(
        button("Slides", "Show this module as slides", () => void this.#show(0)),
        button("Print", "Print this module", () => print()),
      );
    }
    const asked = new URLSearchParams(location.search).get("slides");
    if (asked !== null) void this.#show(Math.max(0, Number.parseInt(asked, 10) - 1 || 0));
  }

  disconnectedCallback(): void {
    this.#slides?.close();
  }

  async #show(number: number): Promise<void> {
    const article = this.closest<HTMLElement>(".md-content__inner");
    if (article === null) throw new Error("<module-tools> stands outside of a page's text.");
    const { Slides } = await import("./slides");
    if (!this.isConnected) return;
    this.#slides?.close();
    this.#slides = new Slides(article, number, () => this.querySelector("button")?.focus());
  }
}
