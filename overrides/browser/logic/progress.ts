/**
 * What the reader has answered, kept in the browser's storage under one key, `lab-progress:v1`, and the exercises that
 * are solved, one key each. Every write begins with what is stored, so that two tabs lose nothing.
 * Where the storage refuses, all is kept in memory until the tab is closed or loaded anew.
 */

/** One question: whether it was ever answered right, how often it was tried, and on which day it came to this. */
export interface Answered {
  state: "right" | "wrong";
  tries: number;
  date: string;
}

/** By quiz, by question. */
export type Quizzes = Record<string, Record<string, Answered>>;

/** All that the progress page shows: answers, and the names of solved exercises. */
export interface Kept {
  quizzes: Quizzes;
  exercises: string[];
}

export const KEY = "lab-progress:v1";
export const SOLVED = "lab-solved:v1:";
export const FORMAT = "llm-masterclass-progress";
const MOST_BYTES = 1_000_000;
const MOST_TRIES = 1_000_000;
const NAME = /^[A-Za-z0-9][A-Za-z0-9_.-]{0,79}$/;
const DAY = /^\d{4}-\d{2}-\d{2}$/;

/** The better of two records: right before wrong, then the first day of a right answer, the last of a wrong one. */
export function better(one: Answered | undefined, other: Answered | undefined): Answered | undefined {
  if (one === undefined || other === undefined) return one ?? other;
  const tries = Math.max(one.tries, other.tries);
  if (one.state !== other.state) return { ...(one.state === "right" ? one : other), tries };
  const [early, late] = one.date <= other.date ? [one.date, other.date] : [other.date, one.date];
  return { state: one.state, tries, date: one.state === "right" ? early : late };
}

/** Both, each record in its better state. */
export function merged(one: Kept, other: Kept): Kept {
  const quizzes: Quizzes = {};
  for (const name of new Set([...Object.keys(one.quizzes), ...Object.keys(other.quizzes)])) {
    const [mine, theirs] = [one.quizzes[name] ?? {}, other.quizzes[name] ?? {}];
    const all = new Set([...Object.keys(mine), ...Object.keys(theirs)]);
    quizzes[name] = Object.fromEntries(
      [...all].map((id) => [id, better(mine[id], theirs[id])]).filter((pair): pair is [string, Answered] => !!pair[1]),
    );
  }
  return { quizzes, exercises: [...new Set([...one.exercises, ...other.exercises])].sort() };
}

/** Answers from their stored text; none if it is not ours. */
export function parseQuizzes(text: string | null): Quizzes {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return readQuizzes(isRecord(value) ? (value["quizzes"] ?? {}) : {}, () => undefined);
  } catch {
    return {};
  }
}

/** The file that is exported. */
export function exportText(kept: Kept, day: string): string {
  return `${JSON.stringify({ format: FORMAT, version: 1, exported: day, ...kept }, null, 2)}\n`;
}

/** What an exported file holds, or in words why it is none of ours. */
export function readExport(text: string): Kept | string {
  if (text.length > MOST_BYTES) return "it is far larger than a file of progress can be";
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return "it is not JSON, or a part of it is missing";
  }
  if (!isRecord(value) || value["format"] !== FORMAT) return "it was not exported from a page like this";
  if (value["version"] !== 1)
    return `it has version ${JSON.stringify(value["version"])}, and this page reads version 1`;
  const faults: string[] = [];
  const quizzes = readQuizzes(value["quizzes"], (fault) => faults.push(fault));
  const exercises = value["exercises"];
  if (!Array.isArray(exercises) || !exercises.every((name) => typeof name === "string" && NAME.test(name)))
    faults.push("its list of exercises can’t be read");
  return faults[0] ?? { quizzes, exercises: exercises as string[] };
}

/** Records that are in order; each other one is told of. */
function readQuizzes(value: unknown, tell: (fault: string) => void): Quizzes {
  const found: Quizzes = {};
  if (!isRecord(value)) {
    tell("it has no quizzes");
    return found;
  }
  for (const [name, questions] of Object.entries(value)) {
    if (!NAME.test(name) || !isRecord(questions)) {
      tell(`its quiz “${name.slice(0, 40)}” can’t be read`);
      continue;
    }
    const good = Object.entries(questions).filter(([id, answered]) => {
      const fits = NAME.test(id) && isAnswered(answered);
      if (!fits) tell(`its question “${id.slice(0, 40)}” of ${name} can’t be read`);
      return fits;
    });
    found[name] = Object.fromEntries(good) as Record<string, Answered>;
  }
  return found;
}

function isAnswered(value: unknown): value is Answered {
  if (!isRecord(value)) return false;
  const { state, tries, date } = value;
  if (state !== "right" && state !== "wrong") return false;
  if (typeof tries !== "number" || !Number.isInteger(tries) || tries < 1 || tries > MOST_TRIES) return false;
  return typeof date === "string" && DAY.test(date);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Reads and writes what is kept. */
export class Progress {
  #storage: () => Storage;
  /** What could not be stored; null as long as all could. */
  #memory: Kept | null = null;
  #refused = "";

  /** `storage` is called anew each time, because reaching for it may throw. */
  constructor(storage: () => Storage = () => localStorage) {
    this.#storage = storage;
  }

  /** Why nothing is kept beyond this visit, in words for the reader; empty if it is. */
  get refused(): string {
    return this.#refused;
  }

  /** Try whether the storage takes anything, so that `refused` tells before it matters. */
  probe(): void {
    this.#try((storage) => {
      storage.setItem(`${KEY}:probe`, "1");
      storage.removeItem(`${KEY}:probe`);
    });
  }

  /** All that is kept, in storage and in memory. */
  read(): Kept {
    let stored: Kept = { quizzes: {}, exercises: [] };
    try {
      const storage = this.#storage();
      const names = Array.from({ length: storage.length }, (_, place) => storage.key(place) ?? "");
      const exercises = names.filter((name) => name.startsWith(SOLVED)).map((name) => name.slice(SOLVED.length));
      stored = { quizzes: parseQuizzes(storage.getItem(KEY)), exercises: exercises.sort() };
    } catch {
      // Then memory has all that there is.
    }
    return this.#memory === null ? stored : merged(stored, this.#memory);
  }

  /** Note an answer to a question; a right one is never made worse. Returns the record as it is now. */
  answer(quiz: string, question: string, right: boolean, day: string): Answered {
    const before = this.read().quizzes[quiz]?.[question];
    const now: Answered = { state: right ? "right" : "wrong", tries: (before?.tries ?? 0) + 1, date: day };
    const record = better(before, now) ?? now;
    this.add({ quizzes: { [quiz]: { [question]: record } }, exercises: [] });
    return record;
  }

  /** Put records beside those that are kept, each in its better state. */
  add(more: Kept): void {
    const all = merged(this.read(), more);
    const stored = this.#try((storage) => {
      storage.setItem(KEY, JSON.stringify({ version: 1, quizzes: all.quizzes }));
      for (const name of more.exercises) storage.setItem(SOLVED + name, "1");
    });
    this.#memory = stored ? null : all;
  }

  /** Forget everything. Returns what there was, for `add` to bring back. */
  erase(): Kept {
    const all = this.read();
    this.#memory = null;
    const erased = this.#try((storage) => {
      storage.removeItem(KEY);
      for (const name of all.exercises) storage.removeItem(SOLVED + name);
    });
    if (!erased) this.#memory = { quizzes: {}, exercises: [] };
    return all;
  }

  #try(work: (storage: Storage) => void): boolean {
    try {
      work(this.#storage());
      this.#refused = "";
      return true;
    } catch (error) {
      const full = error instanceof DOMException && error.name === "QuotaExceededError";
      const why = full ? "this browser’s storage is full" : "this browser lets the page store nothing";
      this.#refused = `Your answers are not kept: ${why}. They count until you close or reload the page.`;
      return false;
    }
  }
}

/** Whether a change of the storage, as another tab announces it, may have changed what is kept. */
export function concerns(key: string | null): boolean {
  return key === null || key === KEY || key.startsWith(SOLVED);
}

/** The one that all elements of the page share. */
export const progress = new Progress();

/** Today, as the reader's clock has it: 2026-11-21. */
export function today(now = new Date()): string {
  const two = (part: number): string => String(part).padStart(2, "0");
  return `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
}
