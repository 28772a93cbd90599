/**
 * What the reader has made of cells, kept in the browser's storage: one entry for each cell, `lab-edits:v1:<page>#<name>`.
 * Where the storage refuses, edits are kept in memory, until the tab is closed or loaded anew.
 */

/** `hash` is of the author's source that was edited; `replaced` is a version that the reader may want back. */
export interface Edit {
  hash: string;
  source: string;
  replaced: string | null;
}

const PREFIX = "lab-edits:v1:";

export const storageKey = (key: string): string => PREFIX + key;

export class Edits {
  #storage: () => Storage;
  #memory = new Map<string, Edit | null>();
  #told = false;

  /** `storage` is called anew each time, because reaching for it may throw. */
  constructor(storage: () => Storage = () => localStorage) {
    this.#storage = storage;
  }

  /** The kept edit, null if there is none, `unreadable` if what is kept is not ours. */
  read(key: string): Edit | "unreadable" | null {
    const held = this.#memory.get(key);
    if (held !== undefined) return held;
    try {
      const text = this.#storage().getItem(storageKey(key));
      return text === null ? null : parseEdit(text);
    } catch {
      return null;
    }
  }

  /**
   * Keep the edit, or forget it if null. Returns why it is not kept beyond this visit, in words for the
   * reader: the first time that this happens, and null ever after.
   */
  write(key: string, edit: Edit | null): string | null {
    try {
      if (edit === null) this.#storage().removeItem(storageKey(key));
      else this.#storage().setItem(storageKey(key), JSON.stringify(edit));
      this.#memory.delete(key);
      return null;
    } catch (error) {
      this.#memory.set(key, edit);
      if (this.#told) return null;
      this.#told = true;
      const full = error instanceof DOMException && error.name === "QuotaExceededError";
      const why = full ? "this browser's storage is full" : "this browser lets the page store nothing";
      return `Your changes are not kept: ${why}. They last until you close or reload the page; a download keeps them.`;
    }
  }
}

/** An edit from its stored text, or `unreadable`. */
export function parseEdit(text: string): Edit | "unreadable" {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "unreadable";
  }
  if (typeof value !== "object" || value === null) return "unreadable";
  const { hash, source, replaced } = value as Record<string, unknown>;
  if (typeof hash !== "string" || typeof source !== "string") return "unreadable";
  return { hash, source, replaced: typeof replaced === "string" ? replaced : null };
}
