/** One Python: a worker from its boot to its end. It is never repaired, only replaced. */

import type { Build } from "../build";
import type { BootFailure, FromWorker, KeptFiles, ToWorker } from "./messages";
import type { Run } from "./run";

export interface Progress {
  stage: "download" | "start" | "ready";
  loaded: number;
  total: number;
}

/** What an interpreter tells its client. Nothing is told after `terminate`. */
export interface Listener {
  onProgress(progress: Progress): void;
  onReady(): void;
  /** What the models compute with is known now, or another. */
  onComputing(): void;
  onBootFailed(failure: BootFailure): void;
  /** Python has kept a model that the reader trained. */
  onKept(files: KeptFiles): void;
  /** What a run is busy with before its code begins. */
  onNote(run: number, text: string): void;
  onOutputs(run: number, outputs: string): void;
  onDone(run: number, status: "ok" | "error", seconds: number): void;
  onFatal(run: number | null, reason: string): void;
  /** Nothing was heard for so long that something must be wrong, although nothing failed. */
  onSilence(): void;
}

const SILENCE_MS = 15_000;

export class Interpreter {
  progress: Progress = { stage: "download", loaded: 0, total: 0 };
  ready = false;
  /** Pyodide's WebAssembly, once Python is ready: what the next one need not compile. */
  compiled: WebAssembly.Module | null = null;
  /** What the models compute with, as a sentence. */
  computing = "";
  #worker: Worker;
  #listener: Listener | null = null;
  #early: FromWorker[] = [];
  #watchdog = 0;

  constructor(build: Build, fresh = false, compiled: WebAssembly.Module | null = null) {
    // A bad copy of the script may lie in the browser's cache, which only another address passes over.
    const url = fresh ? `${build.workerUrl}?${Date.now()}` : build.workerUrl;
    this.#worker = new Worker(url, { type: "module", name: "python" });
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#hear(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      const why = event.message || "The script that runs it did not load.";
      this.#hear(
        this.ready
          ? { type: "fatal", run: null, reason: why }
          : { type: "boot-failed", failure: { what: "Python could not start.", why } },
      );
    };
    this.#post({ type: "boot", build, fresh, compiled });
    this.#watch();
  }

  /** Be told of everything from now on, and of a boot that failed before. */
  listen(listener: Listener): void {
    this.#listener = listener;
    for (const message of this.#early.splice(0)) this.#hear(message);
  }

  run(run: Run): void {
    this.#post({ type: "run", run: run.id, call: run.call });
  }

  /** Give Python what another one has kept. */
  restore(files: KeptFiles): void {
    this.#post({ type: "restore", files });
  }

  terminate(): void {
    window.clearTimeout(this.#watchdog);
    this.#worker.onmessage = null;
    this.#worker.onerror = null;
    this.#worker.terminate();
    this.#listener = null;
  }

  #post(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #watch(): void {
    window.clearTimeout(this.#watchdog);
    if (this.ready) return;
    this.#watchdog = window.setTimeout(() => this.#listener?.onSilence(), SILENCE_MS);
  }

  #hear(message: FromWorker): void {
    if (message.type === "progress") this.progress = message;
    if (message.type === "computing") this.computing = message.text;
    if (message.type === "ready") {
      this.ready = true;
      this.compiled = message.compiled;
      this.progress = { ...this.progress, stage: "ready" };
    }
    this.#watch();
    if (this.#listener === null) {
      if (message.type === "boot-failed") this.#early.push(message);
      return;
    }
    const listener = this.#listener;
    switch (message.type) {
      case "progress":
        return listener.onProgress(message);
      case "ready":
        return listener.onReady();
      case "computing":
        return listener.onComputing();
      case "boot-failed":
        return listener.onBootFailed(message.failure);
      case "kept":
        return listener.onKept(message.files);
      case "note":
        return listener.onNote(message.run, message.text);
      case "outputs":
        return listener.onOutputs(message.run, message.outputs);
      case "done":
        return listener.onDone(message.run, message.status, message.seconds);
      case "fatal":
        return listener.onFatal(message.run, message.reason);
      default:
        throw new Error(`Unknown message from the worker: ${JSON.stringify(message satisfies never)}`);
    }
  }
}
