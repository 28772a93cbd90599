/** What a cell says about itself, in words. */

import type { Progress } from "../runtime/interpreter";
import type { BootFailure } from "../runtime/messages";
import type { Run } from "../runtime/run";

const seconds = (value: number): string => (value < 10 ? value.toFixed(2) : value.toFixed(0));
const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);

export const bootText = {
  stage({ stage }: Progress): string {
    if (stage === "download") return "Downloading Python…";
    return "Starting Python and NumPy…";
  },
  bytes({ stage, loaded, total }: Progress): string {
    if (stage !== "download" || total === 0) return "";
    return `${megabytes(loaded)} of ${megabytes(total)} MB`;
  },
};

export function stateText(run: Run): string {
  switch (run.state) {
    case "waiting":
      return "Waiting for its turn…";
    case "running":
      return run.note || "Running…";
    case "done":
      return `Finished in ${seconds(run.seconds ?? 0)} s${run.outputs.length === 0 ? ", with nothing to show" : ""}.`;
    case "error":
      return `Ended with an error after ${seconds(run.seconds ?? 0)} s.`;
    case "stopped":
      return "Stopped. Shown output stays; Python was restarted, so the variables of earlier cells are gone.";
    case "dropped":
      return `Not run: ${run.reason} Press Run to try again.`;
    case "crashed":
      return `${crashText(run.reason)} Python was restarted; the variables of earlier cells are gone.`;
    case "failed":
      return "Not run.";
  }
}

function crashText(reason: string): string {
  if (/call stack|recursion/i.test(reason)) return "The code called itself more deeply than Python can bear here.";
  if (/out of memory|memory access|allocation/i.test(reason)) return "Python ran out of memory.";
  if (/^Exit/.test(reason)) return "The code ended Python itself.";
  return `Python broke down (${reason}).`;
}

export function failureText({ what, why }: BootFailure): string {
  return `${what} ${why} Check your connection and press Try again; if it stays so, tell whoever hosts this site.`;
}

/** What a panel or an exercise says: its reader pressed no Run of a cell, but the button with the name `action`. */
export function panelText(run: Run, action = "Run"): string {
  switch (run.state) {
    case "done":
      return `Computed here in ${seconds(run.seconds ?? 0)} s.`;
    case "stopped":
      return "Stopped.";
    case "dropped":
      return `Not run: ${run.reason} Press ${action} to try again.`;
    default:
      return stateText(run);
  }
}

/** What a stop has cost: nothing if the run was still waiting. */
export function stoppedText(restarts: boolean): string {
  return restarts
    ? "Stopped. What is shown is from before. Python was restarted; the variables of this page's cells are gone."
    : "Stopped before it began.";
}

/** What a panel that waits for its button says of its values; `changed`: they are not those of its picture. */
export function waitingText(action: string, changed: boolean): string {
  return changed ? `Press ${action} to run with the new values.` : "These are the values of the picture.";
}

/** How often something was done: what stands there is no order to do it. */
export function soFarText(count: number): string {
  return `${count === 0 ? "none" : count} so far`;
}

/** How long a conversation is, and may be. */
export function messagesText(count: number, most: number, longest: number): string {
  const full = count >= most ? ", which is the most" : ` of at most ${most}`;
  return `${count} ${count === 1 ? "message" : "messages"}${full}, each of at most ${longest} characters`;
}

/** How many of some pairs were compared. */
export function rankedText(ranking: string): string {
  return `${ranking.replaceAll("-", "").length} of ${ranking.length} ranked`;
}

/** A text of several lines in one, cut to this many characters. */
export function linesText(text: string, longest: number): string {
  const line = text.replace(/\r?\n/g, " ⏎ ");
  const characters = [...line];
  return characters.length <= longest ? line : `${characters.slice(0, longest - 1).join("")}…`;
}
