/**
 * `<lab-cell>`: a code cell of the page that runs in the reader's browser.
 *
 * Attributes: `page` (cells with the same value share their variables), `name` (of the cell in its page), `number`
 * (from 1, shown in tracebacks), `label` (of its outputs: `recorded` or `illustrative`).
 * Content, from the build: `.lab-cell__code`, and `.lab-cell__recorded` where the cell has recorded outputs.
 * Custom properties: those of styles/tokens.css.
 */

import type { Client } from "../runtime/client";
import type { Output } from "../runtime/messages";
import type { Cell, Run } from "../runtime/run";
import { element } from "./dom";
import { OutputView } from "./output-view";
import { bootText, failureText, stateText } from "./texts";

export class LabCell extends HTMLElement {
  /** The one way to Python, shared by all cells; set when the module starts. */
  static client: Client;

  #run: Run | null = null;
  #parts: Parts | null = null;
  #unfollow = new AbortController();

  connectedCallback(): void {
    this.#parts ??= build(this, this.cell.number, {
      run: () => this.run(),
      stop: () => this.stop(),
      retry: () => this.run(),
      restart: () => LabCell.client.restart(),
    });
    const known = LabCell.client.latest(this.cell);
    if (known !== undefined) this.#follow(known);
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
    this.#parts?.output.stop();
  }

  get cell(): Cell {
    return { page: this.#need("page"), name: this.#need("name"), number: this.#need("number") };
  }

  /** The code as it stands in the page. */
  get source(): string {
    const code = this.querySelector(".lab-cell__code code");
    if (code === null) throw new Error(`Cell ${this.#need("name")} has no code: expected .lab-cell__code code.`);
    return code.textContent ?? "";
  }

  /** Run the cell's code; a second call queues a second run. */
  run(): void {
    this.#follow(LabCell.client.run(this.cell, this.source));
  }

  /** Stop the cell's run, if it has one. */
  stop(): void {
    if (this.#run !== null) LabCell.client.stop(this.#run);
  }

  #need(attribute: string): string {
    const value = this.getAttribute(attribute);
    if (value === null) throw new Error(`<lab-cell> needs the attribute “${attribute}”.`);
    return value;
  }

  /** Show this run from its first output on, wherever it was started. */
  #follow(run: Run): void {
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    this.#run = run;
    const output = this.#needParts().output;
    output.clear();
    output.append(run.outputs);
    run.addEventListener("output", (event) => output.append((event as CustomEvent<Output[]>).detail), { signal });
    run.addEventListener("change", () => this.#show(), { signal });
    LabCell.client.addEventListener("boot", () => this.#show(), { signal });
    this.#show();
  }

  #needParts(): Parts {
    if (this.#parts === null) throw new Error("<lab-cell> was used before it was connected.");
    return this.#parts;
  }

  #show(): void {
    const run = this.#run;
    if (run === null) return;
    const parts = this.#needParts();
    const { client } = LabCell;
    const started = run.state !== "waiting" && run.state !== "failed" && run.state !== "dropped";
    this.dataset["state"] = run.state;
    if (parts.stop === document.activeElement && !run.active) parts.run.focus();
    parts.stop.hidden = !run.active;

    const booting = run.state === "waiting" && client.progress !== null && client.progress.stage !== "ready";
    parts.boot.hidden = !booting;
    if (booting && client.progress !== null) {
      const { loaded, total } = client.progress;
      parts.bar.value = total === 0 ? 0 : loaded / total;
      parts.bytes.textContent = bootText.bytes(client.progress);
      parts.silent.hidden = !client.silent;
    }
    const said = booting && client.progress !== null ? bootText.stage(client.progress) : stateText(run);
    if (parts.status.textContent !== said) parts.status.textContent = said;

    parts.failure.hidden = run.failure === null;
    if (run.failure !== null) parts.failureText.textContent = failureText(run.failure);

    // The recorded output stays until there is something to put in its place.
    const replaced = started && run.state !== "running" ? true : run.outputs.length > 0;
    const recorded = this.querySelector<HTMLElement>(".lab-cell__recorded");
    if (recorded !== null) recorded.hidden = replaced;
    parts.live.hidden = !replaced;
    parts.live.dataset["state"] = run.state;
    parts.made.textContent = run.active ? "running here, now" : "ran here, in your browser";
    if (!run.active) parts.output.flush();
  }
}

/** The parts that the element adds to what the build has written. */
interface Parts {
  run: HTMLButtonElement;
  stop: HTMLButtonElement;
  status: HTMLElement;
  boot: HTMLElement;
  bar: HTMLProgressElement;
  bytes: HTMLElement;
  silent: HTMLElement;
  failure: HTMLElement;
  failureText: HTMLElement;
  live: HTMLElement;
  made: HTMLElement;
  output: OutputView;
}

interface Actions {
  run(): void;
  stop(): void;
  retry(): void;
  restart(): void;
}

function build(host: LabCell, number: string, on: Actions): Parts {
  const button = (text: string, label: string, action: () => void, className = ""): HTMLButtonElement => {
    const made = element("button", { type: "button", class: `lab-button ${className}`, "aria-label": label }, text);
    made.addEventListener("click", action);
    return made;
  };
  const run = button("Run", `Run cell ${number}`, on.run, "lab-button--run");
  const stop = button("Stop", `Stop cell ${number}`, on.stop, "lab-button--stop");
  stop.hidden = true;
  const status = element("p", { class: "lab-cell__status", role: "status" });

  const bar = element("progress", { class: "lab-progress", max: "1", "aria-label": "Download of Python" });
  const bytes = element("span", { class: "lab-cell__bytes" });
  const restart = button("Start again", "Start Python again", on.restart);
  const silent = element("p", { class: "lab-cell__silent" }, "Nothing has come for a while. ", restart);
  silent.hidden = true;
  const boot = element("div", { class: "lab-cell__boot" }, bar, bytes, silent);
  boot.hidden = true;

  const text = element("p");
  const retry = button("Try again", `Try to run cell ${number} again`, on.retry);
  const failure = element("div", { class: "lab-cell__failure", role: "alert" }, text, retry);
  failure.hidden = true;

  const label = host.getAttribute("label") === "illustrative" ? "illustrative" : "live";
  const made = element("span");
  const tag = element("span", { class: `lab-label lab-label--${label}` }, label);
  const log = element("div", {
    class: "lab-output",
    role: "log",
    "aria-label": `Output of cell ${number}`,
    tabindex: "-1",
  });
  const live = element("div", { class: "lab-cell__live" }, element("p", { class: "lab-cell__label" }, tag, " ", made));
  live.append(log);
  live.hidden = true;

  const head = element("div", { class: "lab-cell__bar" }, run, stop, status);
  host.querySelector(".lab-cell__code")?.after(head, boot, failure);
  host.append(live);
  return {
    run,
    stop,
    status,
    boot,
    bar,
    bytes,
    silent,
    failure,
    failureText: text,
    live,
    made,
    output: new OutputView(log),
  };
}
