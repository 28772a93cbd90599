/** The typed messages between page and worker, and the outputs that they carry (nbformat's, and a notice of ours). */

import type { Build } from "../build";

/** A Jupyter MIME bundle: text for most types, a JSON value for types that end in `+json`. */
export type MimeBundle = Record<string, unknown>;

export interface DisplayOutput {
  output_type: "display_data" | "update_display_data" | "execute_result";
  data: MimeBundle;
  metadata?: Record<string, unknown>;
  display_id?: string | null;
}

export type Output =
  | DisplayOutput
  | { output_type: "stream"; name: "stdout" | "stderr"; text: string }
  | { output_type: "error"; ename: string; evalue: string; traceback: string; line: number | null }
  | { output_type: "notice"; text: string };

/**
 * What can be asked of Python, each a function of `labs.core.bridge`:
 * a cell of a page, a lab with values for its controls, an exercise's checks on the reader's code, a turn of the live
 * chat (`request` is JSON).
 */
export type Call =
  | { kind: "cell"; page: string; cell: string; source: string }
  | { kind: "lab"; slug: string; values: Record<string, unknown> }
  | { kind: "check"; exercise: string; cell: string; source: string }
  | { kind: "chat"; request: string };

/** The files of a model that the reader trained, by name. They outlive the worker in which it was trained. */
export type KeptFiles = Record<string, Uint8Array>;

/**
 * `fresh` asks for every file anew: a bad answer may lie in the browser's cache.
 * `compiled` is Pyodide's WebAssembly, if a worker before has compiled it.
 * `restore` gives a new Python what another one has kept; it may come before Python is ready.
 */
export type ToWorker =
  | { type: "boot"; build: Build; fresh: boolean; compiled: WebAssembly.Module | null }
  | { type: "restore"; files: KeptFiles }
  | { type: "run"; run: number; call: Call };

/** Why Python could not start: `file` names the download at fault, where one is known to be. */
export interface BootFailure {
  what: string;
  why: string;
  file?: string;
}

export type FromWorker =
  | { type: "progress"; stage: "download" | "start"; loaded: number; total: number }
  | { type: "ready"; compiled: WebAssembly.Module }
  /** What the models compute with: a sentence for the reader. */
  | { type: "computing"; text: string }
  | { type: "boot-failed"; failure: BootFailure }
  /** Python has kept a model that the reader trained. */
  | { type: "kept"; files: KeptFiles }
  | { type: "note"; run: number; text: string }
  | { type: "outputs"; run: number; outputs: string }
  | { type: "done"; run: number; status: "ok" | "error"; seconds: number }
  | { type: "fatal"; run: number | null; reason: string };
