/** Export, Import and Erase of what is kept, each with a word on what it did. */

import { exportText, type Kept, merged, progress, readExport, today } from "../logic/progress";
import { changes, keptText } from "../logic/progress-count";
import { element } from "./dom";

const MOST_BYTES = 1_000_000;

function tool(text: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "lab-button" }, text);
  made.addEventListener("click", act);
  return made;
}

export class ProgressTools {
  readonly place: HTMLElement;
  #changed: () => void;
  #erased: Kept | null = null;
  #file = element("input", { type: "file", accept: ".json,application/json", "aria-label": "File to import" });
  #erase = tool("Erase", () => this.#ask());
  #undo = tool("Undo erasing", () => this.#bringBack());
  #question = element("p");
  #confirm: HTMLElement;
  #keep = tool("Keep all", () => this.#answered());
  #status = element("p", { class: "progress-status", role: "status" });

  /** `changed` is called when what is kept is another. */
  constructor(changed: () => void) {
    this.#changed = changed;
    this.#file.hidden = true;
    this.#file.addEventListener("change", () => void this.#import());
    const yes = tool("Erase now", () => this.#eraseNow());
    yes.classList.add("lab-button--stop");
    this.#confirm = element(
      "div",
      { class: "progress-confirm", role: "group", "aria-label": "Erase?" },
      this.#question,
      yes,
      this.#keep,
    );
    this.#confirm.hidden = this.#undo.hidden = true;
    this.#confirm.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#answered();
    });
    const [exporting, importing] = [tool("Export", () => this.#export()), tool("Import", () => this.#file.click())];
    const bar = element("div", { class: "progress-tools" }, exporting, importing, this.#file, this.#erase, this.#undo);
    this.place = element("div", {}, bar, this.#confirm, this.#status);
  }

  #export(): void {
    const kept = progress.read();
    const name = `llm-masterclass-progress-${today()}.json`;
    const url = URL.createObjectURL(new Blob([exportText(kept, today())], { type: "application/json" }));
    element("a", { href: url, download: name }).click();
    setTimeout(() => URL.revokeObjectURL(url), 60_000);
    this.#say(`Exported ${keptText(kept)} to the file ${name}.`);
  }

  async #import(): Promise<void> {
    const file = this.#file.files?.[0];
    if (file === undefined) return;
    const read = file.size > MOST_BYTES ? "it is far larger than a file of progress can be" : await readFile(file);
    this.#file.value = "";
    if (typeof read === "string") {
      const fix = "Choose a file that Export on a page like this has made.";
      return this.#say(`“${file.name}” was not imported: ${read}. Nothing has changed. ${fix}`);
    }
    const before = progress.read();
    const news = changes(before, merged(before, read));
    progress.add(read);
    this.#changed();
    this.#say(
      `Imported ${keptText(read)}; ${news === 0 ? "none is" : `${news} ${news === 1 ? "is" : "are"}`} new here.`,
    );
  }

  #ask(): void {
    const kept = progress.read();
    if (changes({ quizzes: {}, exercises: [] }, kept) === 0) return this.#say("There is nothing to erase.");
    this.#say("");
    this.#question.textContent = `Erase ${keptText(kept)} from this browser? Your code in cells stays.`;
    this.#confirm.hidden = false;
    this.#keep.focus();
  }

  #eraseNow(): void {
    this.#erased = merged(progress.erase(), this.#erased ?? { quizzes: {}, exercises: [] });
    this.#undo.hidden = false;
    this.#confirm.hidden = true;
    this.#undo.focus();
    this.#changed();
    this.#say("Erased. Until you leave this page, you can undo it.");
  }

  #bringBack(): void {
    if (this.#erased === null) throw new Error("Nothing was erased.");
    progress.add(this.#erased);
    this.#erased = null;
    this.#erase.focus();
    this.#undo.hidden = true;
    this.#changed();
    this.#say("All is there again.");
  }

  #answered(): void {
    this.#confirm.hidden = true;
    this.#erase.focus();
    this.#say("Nothing was erased.");
  }

  #say(text: string): void {
    this.#status.textContent = text;
  }
}

async function readFile(file: File): Promise<Kept | string> {
  try {
    return readExport(await file.text());
  } catch {
    return "it can’t be read";
  }
}
