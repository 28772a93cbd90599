/** One press of Run: what was asked, how far it is, and all that it has put out; it outlives the element that shows it. */

import type { BootFailure, Call, Output } from "./messages";

/**
 * - `waiting`: for Python to start, or for its turn
 * - `done`, `error`: it ended by itself, well or with an exception
 * - `stopped`: the reader stopped it; `dropped`: it had not begun when Python was restarted
 * - `crashed`: the interpreter died of it; `failed`: Python could not be started
 */
export type RunState = "waiting" | "running" | "done" | "error" | "stopped" | "dropped" | "crashed" | "failed";

/** Events: `change` when the state has changed, `output` (detail: the new outputs) when something was put out. */
export class Run extends EventTarget {
  static #count = 0;

  readonly id = ++Run.#count;
  readonly call: Call;
  readonly outputs: Output[] = [];
  seconds: number | null = null;
  reason = "";
  note = "";
  failure: BootFailure | null = null;
  #state: RunState = "waiting";

  constructor(call: Call) {
    super();
    this.call = call;
  }

  get state(): RunState {
    return this.#state;
  }

  get active(): boolean {
    return this.#state === "waiting" || this.#state === "running";
  }

  /** Move to another state; `more` fills in what belongs to it. */
  become(state: RunState, more: Partial<Pick<Run, "seconds" | "reason" | "note" | "failure">> = {}): void {
    Object.assign(this, more);
    this.#state = state;
    this.dispatchEvent(new Event("change"));
  }

  put(outputs: Output[]): void {
    this.outputs.push(...outputs);
    this.dispatchEvent(new CustomEvent("output", { detail: outputs }));
  }
}
