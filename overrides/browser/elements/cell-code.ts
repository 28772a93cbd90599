/** The code of a cell: the page's static text, until the reader goes into it and the editor takes its place. */

import type { Editor } from "../editor/editor";

export interface CodeOptions {
  /** The code's name for a screen reader, and how its keys work. */
  label: string;
  keys: string;
  onEdit(): void;
  onRun(): void;
  /** The editor could not be loaded. */
  onTrouble(error: unknown): void;
}

/** From where the reader came in: `focus` holds only while the focus is still there when the editor has loaded. */
type Way = { by: "focus" } | { by: "click"; anchor: number; head: number } | { by: "code" };

export class CellCode {
  readonly author: string;
  #options: CodeOptions;
  #place: HTMLElement;
  #pre: HTMLElement;
  #code: HTMLElement;
  #authorNodes: Node[];
  #editor: Editor | null = null;
  #marked: number | null = null;
  #pressed = false;

  /** `place` is the build's `.lab-cell__code`. */
  constructor(place: HTMLElement, options: CodeOptions) {
    const [pre, code] = [place.querySelector("pre"), place.querySelector<HTMLElement>("code")];
    if (pre === null || code === null) throw new Error("A cell has no code: expected .lab-cell__code pre code.");
    [this.#place, this.#pre, this.#code, this.#options] = [place, pre, code, options];
    this.author = code.textContent ?? "";
    this.#authorNodes = [...code.cloneNode(true).childNodes];
    this.#invite();
  }

  get source(): string {
    return this.#editor?.source ?? this.#code.textContent ?? "";
  }

  /** Put other code into the cell; `onEdit` is not called. */
  set source(source: string) {
    const text = source.replaceAll(/\r\n?/g, "\n");
    this.mark(null);
    if (this.#editor !== null) this.#editor.source = text;
    if (text === this.author) this.#code.replaceChildren(...this.#authorNodes.map((node) => node.cloneNode(true)));
    else this.#code.textContent = text;
  }

  /** Show the editor. */
  async open(): Promise<void> {
    await this.#mount({ by: "code" });
  }

  /** Mark a line until the next edit, or none if null. */
  mark(line: number | null): void {
    this.#marked = line;
    this.#editor?.mark(line);
    this.#pre.classList.toggle("lab-cell__pre--marked", line !== null);
    this.#pre.style.setProperty("--lab-marked-line", String(line ?? 0));
  }

  /** Bring the reader to a line. */
  async goTo(line: number): Promise<void> {
    await this.#mount({ by: "code" });
    this.mark(line);
    this.#editor?.focus();
    this.#editor?.mark(line, true);
  }

  /** Back to static text, when the cell leaves the page. */
  close(): void {
    if (this.#editor === null) return;
    const { source } = this.#editor;
    this.#editor.destroy();
    this.#editor = null;
    this.#pre.hidden = false;
    this.source = source;
  }

  /** Make the static code something to go into, by keyboard, mouse or finger. */
  #invite(): void {
    const pre = this.#pre;
    const said = { role: "textbox", "aria-multiline": "true", "aria-label": this.#options.label, tabindex: "0" };
    for (const [name, value] of Object.entries(said)) pre.setAttribute(name, value);
    pre.setAttribute("aria-description", this.#options.keys);
    pre.addEventListener("pointerenter", () => load().catch(() => undefined));
    pre.addEventListener("pointerdown", () => {
      this.#pressed = true;
      const release = (): void => void setTimeout(() => (this.#pressed = false));
      for (const end of ["pointerup", "pointercancel"]) window.addEventListener(end, release, { once: true });
    });
    // While a button is down the reader may be selecting: wait for the click.
    pre.addEventListener("focus", () => {
      if (!this.#pressed) void this.#mount({ by: "focus" });
    });
    pre.addEventListener("click", () => void this.#mount({ by: "click", ...this.#selection() }));
    pre.addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      if (event.shiftKey || event.ctrlKey || event.metaKey) this.#options.onRun();
      else void this.#mount({ by: "focus" });
    });
  }

  async #mount(way: Way): Promise<void> {
    try {
      const { Editor } = await load();
      if (this.#editor === null) {
        const focused = document.activeElement === this.#pre;
        if (!this.#pre.isConnected || (way.by === "focus" && !focused)) return;
        const editor = this.#replace(Editor);
        if (focused || way.by === "click") editor.focus();
        if (way.by === "click") editor.select(way.anchor, way.head);
      }
    } catch (error) {
      this.#options.onTrouble(error);
    }
  }

  #replace(Made: typeof Editor): Editor {
    const { label, keys: description, onEdit, onRun } = this.#options;
    const edited = (): void => {
      this.#marked = null;
      onEdit();
    };
    const editor = new Made({ source: this.source, label, description, onEdit: edited, onRun });
    this.#editor = editor;
    this.#place.append(editor.host);
    // The new place takes the focus before the old one goes: hiding first would drop it.
    if (document.activeElement === this.#pre) editor.focus();
    this.#pre.hidden = true;
    editor.mark(this.#marked);
    return editor;
  }

  /** The selection in the static code, as offsets into it. */
  #selection(): { anchor: number; head: number } {
    const selection = getSelection();
    const offset = (node: Node | null, place: number): number => {
      if (node === null || !this.#code.contains(node)) return 0;
      const range = document.createRange();
      range.setStart(this.#code, 0);
      range.setEnd(node, place);
      return range.toString().length;
    };
    if (selection === null) return { anchor: 0, head: 0 };
    return {
      anchor: offset(selection.anchorNode, selection.anchorOffset),
      head: offset(selection.focusNode, selection.focusOffset),
    };
  }
}

function load(): Promise<typeof import("../editor/editor")> {
  return import("../editor/editor");
}
