/**
 * The reader's work on one cell: kept while they type, found again when they come back, never thrown away unasked.
 * One earlier version is held beside the present one, so that whatever takes its place can be undone.
 */

import { Edits, parseEdit, storageKey } from "../logic/edits";
import { fingerprint } from "../logic/hash";
import type { CellCode } from "./cell-code";
import type { Notes } from "./notes";

const SAVE_AFTER_MS = 250;

export interface WorkOptions {
  key: string;
  code: CellCode;
  notes: Notes;
  /** The code is another now, or another version can be brought back. */
  onChange(): void;
  /** The reader has decided about code that came with a link. */
  onSettled(): void;
}

export class CellWork {
  static #edits = new Edits();

  #key: string;
  #code: CellCode;
  #notes: Notes;
  #options: WorkOptions;
  /** Of the author's source, and of the one that the kept edit was made from. */
  #hash: string;
  #base: string;
  #replaced: string | null = null;
  #linked = false;
  #timer = 0;
  #listening = new AbortController();

  constructor(options: WorkOptions) {
    this.#options = options;
    [this.#key, this.#code, this.#notes] = [options.key, options.code, options.notes];
    this.#hash = this.#base = fingerprint(this.#code.author);
  }

  /** Bring back what is kept, and follow what happens to it. */
  start(): void {
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    window.addEventListener("pagehide", () => this.#flush(), { signal });
    document.addEventListener("visibilitychange", () => this.#flush(), { signal });
    window.addEventListener("storage", (event) => this.#otherTab(event), { signal });
    this.#restore();
  }

  stop(): void {
    this.#flush();
    this.#listening.abort();
  }

  /** Whether the code is not the author's. */
  get changed(): boolean {
    return this.#code.source !== this.#code.author;
  }

  /** Whether there is another version of the reader's to bring back. */
  get hasReplaced(): boolean {
    return this.#replaced !== null && this.#replaced !== this.#code.source;
  }

  /** To be called when the reader has changed the code. */
  edited(): void {
    if (this.#linked) this.#adoptLinked();
    this.#notes.clear("undo");
    window.clearTimeout(this.#timer);
    this.#timer = window.setTimeout(() => this.#flush(), SAVE_AFTER_MS);
    this.#options.onChange();
  }

  /** Put in the author's code; the reader's can be brought back. */
  reset(): void {
    if (this.#linked) return this.#leaveLinked();
    this.#replaceWith(this.#code.author);
    this.#base = this.#hash;
    this.#notes.clear("author");
    const undo = { text: "Undo", act: () => this.bringBack() };
    this.#notes.show("undo", "This is the author’s code again. Yours is kept.", [undo]);
    this.#save();
  }

  /** Exchange the code for the version held beside it. */
  bringBack(): void {
    if (this.#replaced === null) throw new Error("There is no other version to bring back.");
    this.#replaceWith(this.#replaced);
    this.#notes.clear("undo");
    this.#save();
  }

  /** Show code that came with a link, without running it or touching what is kept. */
  async openLinked(source: string): Promise<void> {
    this.#flush();
    if (source === this.#code.source) return this.#options.onSettled();
    this.#linked = true;
    for (const kind of ["author", "undo", "tab"] as const) this.#notes.clear(kind);
    const kept = CellWork.#edits.read(this.#key);
    const mine = kept !== null && kept !== "unreadable" && kept.source !== this.#code.author;
    this.#code.source = source;
    this.#options.onChange();
    this.#notes.show(
      "link",
      "This code came with a link; it has not run. Read it before you press Run. " +
        (mine ? "Your own version is kept until you decide." : "Nothing is kept until you decide."),
      [
        { text: "Keep it", act: () => this.#keepLinked() },
        { text: mine ? "Back to mine" : "Back to the author’s", act: () => this.#leaveLinked() },
      ],
    );
    await this.#code.open();
  }

  #restore(): void {
    this.#base = this.#hash;
    this.#replaced = null;
    const kept = CellWork.#edits.read(this.#key);
    if (kept === "unreadable") {
      this.#notes.show(
        "unreadable",
        "What was kept of your work in this cell can’t be read. This is the author’s code.",
      );
      return;
    }
    if (kept === null) return;
    this.#replaced = kept.replaced;
    if (kept.source !== this.#code.author) {
      this.#code.source = kept.source;
      this.#base = kept.hash;
    }
    if (this.#base !== this.#hash) this.#tellOfAuthor();
    this.#options.onChange();
  }

  #tellOfAuthor(): void {
    const compare = { text: "Compare", act: () => void this.#compare() };
    const keep = { text: "Keep mine", act: () => this.#keepMine() };
    const take = { text: "Take the new one", act: () => this.reset() };
    this.#notes.show("author", "The author has changed this cell since you did. This is your version.", [
      compare,
      keep,
      take,
    ]);
  }

  async #compare(): Promise<void> {
    const { comparison } = await import("./compare");
    const keep = { text: "Keep mine", act: () => this.#keepMine() };
    const take = { text: "Take the new one", act: () => this.reset() };
    const shown = comparison(this.#code.source, this.#code.author);
    this.#notes.show("author", "What the author’s new version changes in yours:", [keep, take], [shown]);
  }

  #keepMine(): void {
    this.#base = this.#hash;
    this.#notes.clear("author");
    this.#save();
  }

  /** What was kept so far becomes the version to bring back, and the linked code the reader's own. */
  #adoptLinked(): void {
    const kept = CellWork.#edits.read(this.#key);
    if (kept !== null && kept !== "unreadable" && kept.source !== this.#code.author) this.#replaced = kept.source;
    this.#linked = false;
    this.#base = this.#hash;
    this.#notes.clear("link");
    this.#options.onSettled();
  }

  #keepLinked(): void {
    this.#adoptLinked();
    this.#save();
  }

  #leaveLinked(): void {
    this.#linked = false;
    this.#notes.clear("link");
    this.#code.source = this.#code.author;
    this.#restore();
    this.#options.onChange();
    this.#options.onSettled();
  }

  #otherTab(event: StorageEvent): void {
    if (event.key !== storageKey(this.#key) || this.#linked) return;
    const found = event.newValue === null ? null : parseEdit(event.newValue);
    if (found === "unreadable") return;
    const source = found?.source ?? this.#code.author;
    if (source === this.#code.source) return this.#notes.clear("tab");
    const take = {
      text: "Show the other version",
      act: () => {
        this.#notes.clear("tab");
        this.#replaceWith(source);
        this.#base = found?.hash ?? this.#hash;
        this.#save();
      },
    };
    const text =
      "You changed this cell in another tab too. The last change is the one that is kept: yours here, if you go on.";
    this.#notes.show("tab", text, [take]);
  }

  #replaceWith(source: string): void {
    const before = this.#code.source;
    this.#replaced = before === this.#code.author ? null : before;
    this.#code.source = source;
    this.#options.onChange();
  }

  #flush(): void {
    if (this.#timer === 0) return;
    this.#save();
  }

  #save(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
    const { source, author } = this.#code;
    const nothing = source === author && this.#replaced === null;
    const edit = { hash: source === author ? this.#hash : this.#base, source, replaced: this.#replaced };
    const trouble = CellWork.#edits.write(this.#key, nothing ? null : edit);
    if (trouble !== null)
      this.#notes.show("storage", trouble, [{ text: "Close", act: () => this.#notes.clear("storage") }]);
    this.#notes.clear("unreadable");
  }
}
