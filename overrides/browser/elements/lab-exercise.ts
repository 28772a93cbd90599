/**
 * `<lab-exercise>`: a task with a cell to do it in, checks that say what is missing, hints one by one, and the solution
 * once it has been tried.
 *
 * Attributes: `name` (of the exercise: its lab's slug, or `slug.name`).
 * Content, from the build: `.lab-exercise__head`, the task, a `lab-cell`, `.lab-exercise__checks` with one `li` for each
 * check, and `.lab-exercise__help` with `.lab-exercise__hints` and `.lab-exercise__solution`.
 * Custom properties: those of styles/tokens.css.
 */

import { progress } from "../logic/progress";
import type { Client } from "../runtime/client";
import type { DisplayOutput, Output } from "../runtime/messages";
import type { Run } from "../runtime/run";
import { element } from "./dom";
import { LabCell } from "./lab-cell";
import { OutputView } from "./output-view";
import { button, RunStatus } from "./run-status";
import { panelText, stoppedText } from "./texts";
import { CHECK_MIME, clearVerdict, readVerdict, showVerdict, spoken, summary, type Verdict } from "./verdict";

/** What an exercise keeps while the reader is on another page. */
interface Kept {
  hints: number;
  tried: boolean;
  solution: boolean;
}

export class LabExercise extends HTMLElement {
  /** The one way to Python, shared by all elements; set when the module starts. */
  static client: Client;
  static #memory = new Map<string, Kept>();

  #parts: Parts | null = null;
  #run: Run | null = null;
  #verdict: Verdict | null = null;
  #unfollow = new AbortController();

  connectedCallback(): void {
    this.#parts ??= build(this, LabExercise.client);
    const known = LabExercise.client.latest(this.key);
    if (known !== undefined) this.#follow(known);
    this.#showHelp();
    this.#parts.solved.hidden = !progress.read().exercises.includes(this.name);
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
    this.#parts?.output.stop();
  }

  /** The exercise's name: its lab's slug, or `slug.name` for a further one. */
  get name(): string {
    const name = this.getAttribute("name");
    if (name === null) throw new Error("<lab-exercise> needs the attribute “name”.");
    return name;
  }

  /** The place in the site under which its checks run. */
  get key(): string {
    return `exercise:${this.name}`;
  }

  /** The cell that holds the reader's code. */
  get cell(): LabCell {
    const cell = this.querySelector("lab-cell");
    if (!(cell instanceof LabCell)) throw new Error(`The exercise ${this.name} has no <lab-cell>.`);
    return cell;
  }

  /** Check the reader's code. A check that is under way is not disturbed. */
  check(): void {
    if (this.#run?.active === true) return this.#show();
    const { source } = this.cell;
    const number = this.cell.getAttribute("number") ?? "";
    this.#follow(LabExercise.client.run(this.key, { kind: "check", exercise: this.name, cell: number, source }));
  }

  /** Stop the check, if one is under way. */
  stop(): void {
    const run = this.#run;
    if (run === null || !run.active) return;
    const restarts = run.state === "running";
    LabExercise.client.stop(run);
    this.#needParts().status.say(stoppedText(restarts));
  }

  /** Show one more hint. */
  hint(): void {
    const parts = this.#needParts();
    const kept = this.#kept();
    this.#keep({ hints: Math.min(kept.hints + 1, parts.hints.length) });
    const shown = parts.hints[this.#kept().hints - 1];
    parts.status.say(`Hint ${this.#kept().hints} of ${parts.hints.length} is shown below.`, shown?.textContent ?? "");
  }

  /** Show the solution, or fold it away again. */
  toggleSolution(): void {
    this.#keep({ solution: !this.#kept().solution });
  }

  #kept(): Kept {
    return LabExercise.#memory.get(this.name) ?? { hints: 0, tried: false, solution: false };
  }

  #keep(changed: Partial<Kept>): void {
    LabExercise.#memory.set(this.name, { ...this.#kept(), ...changed });
    this.#showHelp();
  }

  #needParts(): Parts {
    if (this.#parts === null) throw new Error("<lab-exercise> was used before it was connected.");
    return this.#parts;
  }

  /** Show this check from its first output on, wherever it was started. */
  #follow(run: Run): void {
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    this.#run = run;
    this.#verdict = null;
    this.#needParts().output.clear();
    this.#put(run.outputs);
    run.addEventListener("output", (event) => this.#put((event as CustomEvent<Output[]>).detail), { signal });
    run.addEventListener("change", () => this.#show(), { signal });
    LabExercise.client.addEventListener("boot", () => this.#show(), { signal });
    this.#show();
  }

  #put(outputs: Output[]): void {
    const shown: Output[] = [];
    for (const output of outputs) {
      if (isVerdict(output)) this.#verdict = readVerdict(output.data[CHECK_MIME]);
      else shown.push(output);
    }
    this.#needParts().output.append(shown);
  }

  #show(): void {
    const run = this.#run;
    if (run === null) return;
    const parts = this.#needParts();
    const verdict = this.#verdict;
    this.dataset["state"] = run.state;
    if (!run.active && parts.stop === document.activeElement) parts.check.focus();
    parts.stop.hidden = !run.active;
    parts.log.hidden = run.outputs.every(isVerdict);
    if (verdict === null || run.active) parts.status.show(run, panelText(run));
    else parts.status.show(run, summary(verdict, parts.checks.length), spoken(verdict));
    if (run.active) return;
    parts.output.flush();
    if (verdict === null) clearVerdict(parts.checks, parts.recognized);
    else {
      showVerdict(verdict, parts.checks, parts.recognized);
      if (verdict.passed) {
        progress.add({ quizzes: {}, exercises: [this.name] });
        parts.solved.hidden = false;
      }
    }
    if (verdict !== null || run.state === "error") this.#keep({ tried: true });
  }

  #showHelp(): void {
    const parts = this.#needParts();
    const { hints, tried, solution } = this.#kept();
    for (const [place, hint] of parts.hints.entries()) hint.hidden = place >= hints;
    parts.hintList.hidden = hints === 0;
    const left = parts.hints.length - hints;
    parts.hint.textContent = hints === 0 ? "Show a hint" : "Show the next hint";
    if (left === 0 && parts.hint === document.activeElement) parts.check.focus();
    parts.hint.hidden = left === 0;
    parts.solve.hidden = !tried;
    parts.solve.textContent = solution ? "Hide the solution" : "Show the solution";
    parts.solve.setAttribute("aria-expanded", String(solution));
    parts.solution.hidden = !(tried && solution);
  }
}

/** The parts that the element adds to what the build has written, and those that it found. */
interface Parts {
  check: HTMLButtonElement;
  stop: HTMLButtonElement;
  hint: HTMLButtonElement;
  solve: HTMLButtonElement;
  status: RunStatus;
  recognized: HTMLElement;
  checks: HTMLElement[];
  log: HTMLElement;
  output: OutputView;
  hintList: HTMLElement;
  hints: HTMLElement[];
  solution: HTMLElement;
  solved: HTMLElement;
}

function build(host: LabExercise, client: Client): Parts {
  const find = (name: string): HTMLElement => {
    const found = host.querySelector<HTMLElement>(`.lab-exercise__${name}`);
    if (found === null) throw new Error(`<lab-exercise> has no .lab-exercise__${name}: was it written by the build?`);
    return found;
  };
  const [head, list, help, hintList, solution] = [
    find("head"),
    find("checks"),
    find("help"),
    find("hints"),
    find("solution"),
  ];
  host.setAttribute("role", "group");
  host.setAttribute("aria-label", head.textContent ?? "");
  const check = button("Check", "Check your code", () => host.check(), "lab-button--run");
  const stop = button("Stop", "Stop the check", () => host.stop(), "lab-button--stop");
  const hint = button("Show a hint", "", () => host.hint());
  const solve = button("Show the solution", "", () => host.toggleSolution());
  for (const own of [hint, solve]) own.removeAttribute("aria-label");
  stop.hidden = true;
  const status = new RunStatus(client, "to check your code", () => host.check());
  const recognized = element("p", { class: "lab-exercise__recognized" });
  recognized.hidden = true;
  const log = element("div", {
    class: "lab-output lab-exercise__output",
    role: "log",
    "aria-label": "Output of your code while it was checked",
    tabindex: "0",
  });
  log.hidden = true;
  const solved = element("span", { class: "lab-label lab-label--live lab-exercise__solved" }, "solved");
  solved.hidden = true;
  head.append(solved);
  const bar = element("div", { class: "lab-cell__bar" }, check, stop, hint, solve, status.line);
  host.querySelector("lab-cell")?.after(bar, status.boot, status.failure, recognized);
  list.after(log, hintList, solution);
  help.remove();
  return {
    check,
    stop,
    hint,
    solve,
    status,
    recognized,
    checks: [...list.querySelectorAll<HTMLElement>("li")],
    log,
    output: new OutputView(log, (_, line) => void host.cell.goTo(line)),
    hintList,
    hints: [...hintList.querySelectorAll<HTMLElement>("li")],
    solution,
    solved,
  };
}

function isVerdict(output: Output): output is DisplayOutput {
  return "data" in output && CHECK_MIME in output.data;
}
