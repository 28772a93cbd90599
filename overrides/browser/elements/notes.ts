/** Notes to the reader above a cell or at the top of the page: each with its text and what can be done about it. */

import { element } from "./dom";

export type NoteKind = "link" | "author" | "tab" | "undo" | "unreadable" | "storage" | "copy";

export interface NoteAction {
  text: string;
  act(): void;
}

export class Notes {
  /** A polite live region: notes are read aloud when they come. */
  readonly place = element("div", { class: "lab-notes", "aria-live": "polite" });
  #shown = new Map<NoteKind, HTMLElement>();
  #refuge: () => HTMLElement;

  /** `refuge` gets the focus when a note goes away that had it. */
  constructor(refuge: () => HTMLElement) {
    this.#refuge = refuge;
  }

  /** Show a note, in place of another of its kind. */
  show(kind: NoteKind, text: string, actions: NoteAction[] = [], more: Node[] = []): HTMLElement {
    const buttons = actions.map(({ text: name, act }) => {
      const made = element("button", { type: "button", class: "lab-button" }, name);
      made.addEventListener("click", act);
      return made;
    });
    const row = element("div", { class: "lab-note__actions" }, ...buttons);
    const note = element(
      "div",
      { class: "lab-note" },
      element("p", {}, text),
      ...(buttons.length > 0 ? [row] : []),
      ...more,
    );
    note.dataset["kind"] = kind;
    const before = this.#shown.get(kind);
    const focused = before?.contains(document.activeElement) === true;
    if (before === undefined) this.place.append(note);
    else before.replaceWith(note);
    this.#shown.set(kind, note);
    if (focused) (buttons[0] ?? this.#refuge()).focus();
    return note;
  }

  clear(kind: NoteKind): void {
    const note = this.#shown.get(kind);
    if (note === undefined) return;
    const focused = note.contains(document.activeElement);
    note.remove();
    this.#shown.delete(kind);
    if (focused) this.#refuge().focus();
  }
}
