/**
 * How far a run is, for the reader: the start of Python with its bytes, what failed and how to try again, and one line
 * of words that a screen reader follows.
 */

import type { Client } from "../runtime/client";
import type { Run } from "../runtime/run";
import { element } from "./dom";
import { bootText, failureText, stateText } from "./texts";

export class RunStatus {
  /** The line of words. */
  readonly line = element("p", { class: "lab-cell__status", role: "status" });
  /** Shown while Python starts. */
  readonly boot = element("div", { class: "lab-cell__boot" });
  /** Shown when Python could not start. */
  readonly failure = element("div", { class: "lab-cell__failure", role: "alert" });
  #client: Client;
  #bar = element("progress", { class: "lab-progress", max: "1", "aria-label": "Download of Python" });
  #bytes = element("span", { class: "lab-cell__bytes" });
  #silent: HTMLElement;
  #why = element("p");

  /** `name` says for whom it tries again: “to run cell 3”. */
  constructor(client: Client, name: string, retry: () => void) {
    this.#client = client;
    const restart = button("Start Python again", "Start Python again", () => client.restart());
    this.#silent = element("p", { class: "lab-cell__silent" }, "Nothing has come for a while. ", restart);
    this.boot.append(this.#bar, this.#bytes, this.#silent);
    this.failure.append(this.#why, button("Try again", `Try again ${name}`, retry));
    for (const part of [this.boot, this.failure, this.#silent]) part.hidden = true;
  }

  /** Show how far this run is. `words` replaces what the line would say, if given; `heard` as in `say`. */
  show(run: Run, words?: string, heard = ""): void {
    const { progress, silent } = this.#client;
    const booting = run.state === "waiting" && progress !== null && progress.stage !== "ready";
    this.boot.hidden = !booting;
    if (booting) {
      this.#bar.value = progress.total === 0 ? 0 : progress.loaded / progress.total;
      this.#bytes.textContent = bootText.bytes(progress);
      this.#silent.hidden = !silent;
    }
    this.say(booting ? bootText.stage(progress) : (words ?? stateText(run)), booting ? "" : heard);
    this.failure.hidden = run.failure === null;
    if (run.failure !== null) this.#why.textContent = failureText(run.failure);
  }

  /** Say it. `heard` comes after it for who listens: on the page it can be seen elsewhere. */
  say(words: string, heard = ""): void {
    const more = heard === "" ? [] : [element("span", { class: "lab-heard" }, ` ${heard}`)];
    if (this.line.textContent !== [words, ...more.map((part) => part.textContent)].join("")) {
      this.line.replaceChildren(words, ...more);
    }
  }
}

/** A button in the style of all our buttons. `label` is its name for who can't see where it stands. */
export function button(text: string, label: string, action: () => void, className = ""): HTMLButtonElement {
  const made = element(
    "button",
    { type: "button", class: `lab-button ${className}`.trim(), "aria-label": label },
    text,
  );
  made.addEventListener("click", action);
  return made;
}
