/** What the checks of an exercise found, as `labs.core.bridge.check_exercise` says it, and as the reader sees it. */

import { element } from "./dom";

export const CHECK_MIME = "application/vnd.labs.check+json";

export interface Verdict {
  passed: boolean;
  checks: { name: string; passed: boolean; expected?: string | null; got?: string | null; next?: string | null }[];
  /** What to say to a wrong answer that many give. */
  recognized?: string | null;
}

export function readVerdict(value: unknown): Verdict {
  if (typeof value === "object" && value !== null && "passed" in value && "checks" in value) return value as Verdict;
  throw new Error(`Not the result of a check: ${JSON.stringify(value)}`);
}

/** The verdict in one line. `total` counts the checks that were not reached too. */
export function summary({ passed, checks }: Verdict, total: number): string {
  const good = checks.filter((check) => check.passed).length;
  if (passed) return total === 1 ? "Solved: the check passed." : `Solved: all ${total} checks passed.`;
  return `Not yet: ${good} of ${total} checks passed.`;
}

/** The message for a known mistake, for who hears it. */
export function spoken({ recognized }: Verdict): string {
  return (recognized ?? "").replaceAll("`", "");
}

/** Write the verdict into the list of checks that the page has. */
export function showVerdict(verdict: Verdict, items: HTMLElement[], message: HTMLElement): void {
  message.hidden = !verdict.recognized;
  message.replaceChildren(...inline(verdict.recognized ?? ""));
  const found = new Map(verdict.checks.map((check) => [check.name, check]));
  for (const item of items) {
    const name = item.dataset["name"] ?? "";
    const check = found.get(name);
    item.dataset["check"] = check === undefined ? "open" : check.passed ? "passed" : "failed";
    const word = check === undefined ? "Waiting" : check.passed ? "Passed" : "Not yet";
    item.replaceChildren(element("span", { class: "lab-check__word" }, `${word}:`), " ", ...inline(name));
    if (check === undefined || check.passed) continue;
    const rows = [
      ["Expected", check.expected],
      ["Got", check.got],
      ["Next step", check.next],
    ].filter((row): row is [string, string] => typeof row[1] === "string" && row[1] !== "");
    const parts = rows.map(([term, said]) =>
      element("div", {}, element("dt", {}, term), element("dd", {}, ...inline(said))),
    );
    item.append(element("dl", { class: "lab-check__found" }, ...parts));
  }
}

/** Take away what an earlier verdict said: it was about other code. */
export function clearVerdict(items: HTMLElement[], message: HTMLElement): void {
  message.hidden = true;
  message.replaceChildren();
  for (const item of items) {
    delete item.dataset["check"];
    item.replaceChildren(...inline(item.dataset["name"] ?? ""));
  }
}

/** Words with `code` in them as nodes. */
export function inline(text: string): (Node | string)[] {
  return text.split(/`([^`]+)`/).map((part, place) => (place % 2 === 1 ? element("code", {}, part) : part));
}
