/**
 * `<lab-page-bar>`: what can be done with all cells of a page: run them, share their code, download the page.
 *
 * Attributes: `page` (that of its cells), `notebook` (address of the page's notebook, relative to the page).
 * Content, from the build: a link to the notebook, for readers without JavaScript; it is replaced.
 * Custom properties: those of styles/tokens.css.
 */

import type { Client } from "../runtime/client";
import { disclosure } from "./disclosure";
import { element } from "./dom";
import { Notes } from "./notes";
import type { Format } from "./page-download";
import { cellsOf, runInOrder, whenEnded } from "./page-runs";
import { button } from "./run-status";
import { copyLink } from "./shared-link";

export class LabPageBar extends HTMLElement {
  /** The one way to Python, shared by all elements; set when the module starts. */
  static client: Client;

  #runAll = button("Run all", "Run all cells", () => this.runAll());
  #status = element("p", { class: "lab-cell__status", role: "status" });
  readonly notes = new Notes(() => this.#runAll);
  #about = element("p", {});
  #notebook = "";

  connectedCallback(): void {
    // The address may change under the element before the reader presses anything.
    this.#notebook = new URL(this.#need("notebook"), location.href).href;
    const share = button("Share", "Share a link with your code", () => void this.share());
    const formats = [
      button("Notebook (.ipynb)", "", () => void this.download("ipynb")),
      button("Python (.py)", "", () => void this.download("py")),
    ];
    for (const format of formats) format.removeAttribute("aria-label");
    const menu = disclosure("Download", "Download this page with your code", formats);
    this.setAttribute("role", "group");
    this.setAttribute("aria-label", "All cells of this page");
    const bar = element("div", { class: "lab-cell__bar" }, this.#runAll, share, menu, this.#status);
    const details = element(
      "details",
      { class: "lab-about" },
      element("summary", {}, "About Python here"),
      this.#about,
    );
    this.replaceChildren(bar, this.notes.place, details);
    LabPageBar.client.addEventListener("boot", this.#describe);
    this.#describe();
  }

  disconnectedCallback(): void {
    LabPageBar.client.removeEventListener("boot", this.#describe);
  }

  /** Run the page's cells in order. */
  runAll(): void {
    const runs = runInOrder(LabPageBar.client, cellsOf(this.#need("page")));
    this.#say("Running all cells, from the first on.");
    whenEnded(runs, (text) => this.#say(text));
  }

  /** Copy a link with the reader's code. */
  async share(): Promise<void> {
    await copyLink(this.#need("page"), this.notes, (text) => this.#say(text));
  }

  /** Save the page with the reader's code as a file. */
  async download(format: Format): Promise<void> {
    const code = new Map(cellsOf(this.#need("page")).map((cell) => [cell.name, cell.source]));
    try {
      const { download } = await import("./page-download");
      this.#say(`Saved as ${await download(this.#notebook, code, format)}, with your code.`);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      this.#say(`The page could not be downloaded. ${why} Try again later; your code stays here.`);
    }
  }

  #describe = (): void => {
    this.#about.textContent =
      LabPageBar.client.about || "Python is not here yet: it starts when you first run something.";
  };

  #need(attribute: string): string {
    const value = this.getAttribute(attribute);
    if (value === null) throw new Error(`<lab-page-bar> needs the attribute “${attribute}”.`);
    return value;
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}
