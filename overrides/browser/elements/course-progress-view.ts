/** The list on the progress page, counted: what is open stays a link, what is done is a number. */

import { concerns, progress } from "../logic/progress";
import { count, countText, stateOf, type Task } from "../logic/progress-count";
import { ProgressTools } from "./course-progress-tools";
import { element } from "./dom";

/** A group of tasks with the places that tell of it. */
interface Group {
  tasks: Task[];
  words: HTMLElement;
  bar: HTMLProgressElement;
}

interface Row {
  task: Task;
  item: HTMLElement;
  note: HTMLElement;
}

export class ProgressView {
  #rows: Row[];
  #groups: Group[] = [];
  #tools = new ProgressTools(() => this.#show());
  #refused = element("p", { class: "trouble-note" });
  #listening = new AbortController();

  constructor(host: HTMLElement) {
    host.querySelector(".progress-off")?.remove();
    this.#rows = [...host.querySelectorAll<HTMLElement>("[data-question], [data-exercise]")].map((item) => {
      const note = element("span", { class: "progress-note" });
      item.append(note);
      return { task: taskOf(item), item, note };
    });
    const all = this.#group(this.#rows, "All");
    const words = element("p", { class: "progress-sum" }, all.words);
    host.prepend(this.#refused, words, all.bar, this.#tools.place);
    for (const part of host.querySelectorAll<HTMLElement>(".progress-part")) {
      const heading = part.querySelector("h2");
      const group = this.#group(this.#within(part), heading?.textContent ?? "");
      heading?.after(element("p", { class: "progress-sum" }, group.words), group.bar);
    }
    for (const page of host.querySelectorAll<HTMLElement>(".progress-page")) {
      const group = this.#group(this.#within(page), page.querySelector("a")?.textContent ?? "");
      page.querySelector(".progress-page__count")?.replaceChildren(group.words);
    }
  }

  attach(): void {
    this.#listening.abort();
    this.#listening = new AbortController();
    const reread = (event: StorageEvent): void => {
      if (concerns(event.key)) this.#show();
    };
    window.addEventListener("storage", reread, { signal: this.#listening.signal });
    progress.probe();
    this.#show();
  }

  detach(): void {
    this.#listening.abort();
  }

  #within(place: HTMLElement): Row[] {
    return this.#rows.filter(({ item }) => place.contains(item));
  }

  #group(rows: Row[], name: string): Group {
    const words = element("span");
    const bar = element("progress", { class: "lab-progress", max: String(rows.length || 1), "aria-label": name });
    const group = { tasks: rows.map(({ task }) => task), words, bar };
    this.#groups.push(group);
    return group;
  }

  #show(): void {
    const kept = progress.read();
    this.#refused.textContent = progress.refused;
    this.#refused.hidden = progress.refused === "";
    for (const { task, item, note } of this.#rows) {
      const state = stateOf(task, kept);
      item.hidden = state === "done";
      note.textContent = state === "tried" ? " (tried, not right yet)" : "";
    }
    for (const { tasks, words, bar } of this.#groups) {
      const made = count(tasks, kept);
      const done = made.right + made.solved === tasks.length && tasks.length > 0;
      words.textContent = `${countText(made)}${done ? ". All done" : ""}.`;
      bar.value = made.right + made.solved;
    }
  }
}

function taskOf({ dataset }: HTMLElement): Task {
  const { quiz, question, exercise } = dataset;
  if (exercise !== undefined) return { exercise };
  if (quiz === undefined || question === undefined) throw new Error("The progress page has an item of no quiz.");
  return { quiz, question };
}
