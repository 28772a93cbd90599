/**
 * The page's side of Python: one for the whole visit. It starts Python when the first cell is run, runs cells one
 * after the other, and stops one by ending its worker while a second, warmed up before, takes over.
 */

import type { Build } from "../build";
import { diagnose } from "./download";
import { Interpreter, type Listener, type Progress } from "./interpreter";
import type { BootFailure, Call, KeptFiles, Output } from "./messages";
import { Run } from "./run";

const WARM_STANDBY_AFTER_MS = 500;
const DIAGNOSIS_MS = 5_000;

/**
 * Events: `boot` when the start of Python has come further, gone silent, or ended, or `about` has changed; `kept` when
 * Python has kept a model that the reader trained, which then outlives that Python.
 */
export class Client extends EventTarget {
  #build: Build;
  #active: Interpreter | null = null;
  #standby: Interpreter | null = null;
  #queue: Run[] = [];
  #running: Run | null = null;
  #latest = new Map<string, Run>();
  #standbyTimer = 0;
  #failedBefore = false;
  #kept: KeptFiles | null = null;
  /** Set while the start of Python takes so long that it may never end. */
  silent = false;

  constructor(build: Build) {
    super();
    this.#build = build;
  }

  /** How far the start of Python is; null if none was asked for. */
  get progress(): Progress | null {
    return this.#active?.progress ?? null;
  }

  /** What this Python is, in sentences for the reader; empty before it is there. */
  get about(): string {
    if (this.#active?.ready !== true) return "";
    return `Python runs in this page, by Pyodide ${this.#build.version}. ${this.#active.computing}`;
  }

  /** Whether the reader has a model of their own. */
  get hasKept(): boolean {
    return this.#kept !== null;
  }

  /** The last run of the place with this key in this visit. */
  latest(key: string): Run | undefined {
    return this.#latest.get(key);
  }

  /** Run this when its turn comes, and start Python if need be. `key` names the place of the site that shows it. */
  run(key: string, call: Call): Run {
    const run = new Run(call);
    this.#latest.set(key, run);
    this.#queue.push(run);
    if (this.#active === null) this.#start();
    this.#next();
    return run;
  }

  /** Stop a run at once. If it had begun, Python is replaced, and runs that were waiting for it are dropped. */
  stop(run: Run): void {
    if (!run.active) return;
    if (run === this.#running) {
      this.#replace();
      run.become("stopped");
      this.#dropQueue("Python was restarted before its turn came.");
    } else {
      this.#queue = this.#queue.filter((other) => other !== run);
      run.become("stopped");
    }
  }

  /** Take back those of the runs that have not begun, for a reason that the reader is told. */
  drop(runs: readonly Run[], reason: string): void {
    for (const run of runs) {
      if (!this.#queue.includes(run)) continue;
      this.#queue = this.#queue.filter((other) => other !== run);
      run.become("dropped", { reason });
    }
  }

  /** Give up a start of Python that hangs, and start it again for the runs that wait. */
  restart(): void {
    this.#active?.terminate();
    this.#failedBefore = true;
    this.#start();
  }

  /** Start Python; after a failure with every file fetched anew. */
  #start(): void {
    this.#take(this.#restored(new Interpreter(this.#build, this.#failedBefore)));
  }

  #next(): void {
    if (this.#running !== null || this.#active?.ready !== true) return;
    const run = this.#queue.shift();
    if (run === undefined) return;
    this.#running = run;
    run.become("running");
    this.#active.run(run);
    this.#standbyTimer = window.setTimeout(() => this.#warmStandby(), WARM_STANDBY_AFTER_MS);
  }

  #warmStandby(): void {
    window.clearTimeout(this.#standbyTimer);
    this.#standby ??= this.#another();
  }

  /** One more Python, which need not compile what the present one has compiled. */
  #another(): Interpreter {
    return this.#restored(new Interpreter(this.#build, false, this.#active?.compiled));
  }

  /** A new Python, given the reader's own model if there is one. */
  #restored(interpreter: Interpreter): Interpreter {
    if (this.#kept !== null) interpreter.restore(this.#kept);
    return interpreter;
  }

  #keep(files: KeptFiles): void {
    this.#kept = files;
    this.#standby?.restore(files);
    this.dispatchEvent(new Event("kept"));
  }

  /** End the interpreter and let the standby take its place. */
  #replace(): void {
    window.clearTimeout(this.#standbyTimer);
    const next = this.#standby ?? this.#another();
    this.#active?.terminate();
    this.#running = null;
    this.#standby = null;
    this.#take(next);
  }

  #take(interpreter: Interpreter): void {
    this.#active = interpreter;
    this.silent = false;
    interpreter.listen(this.#listener(interpreter));
    this.#announce();
  }

  #announce(): void {
    this.dispatchEvent(new Event("boot"));
  }

  #listener(interpreter: Interpreter): Listener {
    return {
      onProgress: () => {
        this.silent = false;
        this.#announce();
      },
      onReady: () => {
        this.silent = false;
        this.#announce();
        this.#next();
      },
      onComputing: () => this.#announce(),
      onBootFailed: (failure) => void this.#bootFailed(interpreter, failure),
      onKept: (files) => this.#keep(files),
      onNote: (id, text) => {
        if (this.#running?.id === id) this.#running.become("running", { note: text });
      },
      onOutputs: (id, outputs) => {
        if (this.#running?.id === id) this.#running.put(parsed(outputs));
      },
      onDone: (id, status, seconds) => {
        const run = this.#running;
        if (run?.id !== id) return;
        this.#running = null;
        run.become(status === "ok" ? "done" : "error", { seconds });
        this.#warmStandby();
        this.#next();
      },
      onFatal: (_, reason) => {
        const run = this.#running;
        this.#replace();
        run?.become("crashed", { reason });
        this.#dropQueue("Python was restarted before its turn came.");
      },
      onSilence: () => void this.#silence(interpreter),
    };
  }

  async #bootFailed(interpreter: Interpreter, failure: BootFailure): Promise<void> {
    interpreter.terminate();
    const cause = failure.file === undefined ? await this.#diagnose() : failure;
    if (interpreter !== this.#active) return;
    this.#active = null;
    this.#failedBefore = true;
    const waiting = this.#queue.splice(0);
    for (const run of waiting) run.become("failed", { failure: cause ?? failure });
    this.#announce();
  }

  async #silence(interpreter: Interpreter): Promise<void> {
    const cause = await this.#diagnose();
    if (interpreter !== this.#active || interpreter.ready) return;
    if (cause !== null) return this.#bootFailed(interpreter, cause);
    this.silent = true;
    this.#announce();
  }

  #diagnose(): Promise<BootFailure | null> {
    const worker = { url: this.#build.workerUrl, size: 0, type: "text/javascript" };
    return diagnose([worker, ...this.#build.files], AbortSignal.timeout(DIAGNOSIS_MS));
  }

  #dropQueue(reason: string): void {
    for (const run of this.#queue.splice(0)) run.become("dropped", { reason });
  }
}

/** Outputs as Python wrote them down. What can't be read is told as such: it must not take the page along. */
function parsed(outputs: string): Output[] {
  try {
    const found: unknown = JSON.parse(outputs);
    if (Array.isArray(found)) return found as Output[];
  } catch {
    // told below
  }
  return [{ output_type: "notice", text: "Python put out something here that the page can't read." }];
}
