/** What the reader of a quiz answers, held against what is right. No page is needed for this. */

/** A number as the reader wrote it and how it was read, if that needs saying; or why it can't be read. */
export type Written = { value: number; note: string } | { trouble: string };

/** How far off a rounded number may be, as a share of it, to be told from a guess. */
const MOST_ROUNDED = 0.05;
const EXAMPLE = "Write digits, such as 0.69, 12 or 7e9.";

/** Read a number in the ways in which people write them. `unit` is the one asked for, which may stand behind it. */
export function readNumber(text: string, unit: string): Written {
  let rest = text.trim().replace(/[−–]/g, "-");
  if (rest === "") return { trouble: `Nothing is written yet. ${EXAMPLE}` };
  if (unit !== "" && rest.toLowerCase().endsWith(unit.toLowerCase())) rest = rest.slice(0, -unit.length).trim();
  const percent = rest.endsWith("%") && unit !== "%";
  if (percent) rest = rest.slice(0, -1).trim();
  const plain = withoutMarks(rest);
  if (plain === "ambiguous")
    return { trouble: `“${rest}” could be a thousand or a fraction. Write it with a point, or without the comma.` };
  if (plain === null) return { trouble: `“${text.trim()}” can’t be read as a number. ${unitAdvice(rest, unit)}` };
  const value = Number(plain);
  if (!Number.isFinite(value)) return { trouble: `“${text.trim()}” is too large to be read. ${EXAMPLE}` };
  if (percent) return { value: value / 100, note: `Read as ${shortNumber(value / 100)}.` };
  return { value, note: /[,\s_]/.test(rest) ? `Read as ${shortNumber(value)}.` : "" };
}

/** The digits of a number as a program writes them; null if they are none. */
function withoutMarks(text: string): string | "ambiguous" | null {
  const number = /^[-+]?(\d+\.?\d*|\.\d+)(e[-+]?\d+)?$/i;
  if (number.test(text)) return text;
  if (/^[-+]?[1-9]\d{0,2},\d{3}$/.test(text)) return "ambiguous";
  if (/^[-+]?[1-9]\d{0,2}([\s_,’'])\d{3}(\1\d{3})*(\.\d+)?$/.test(text)) return text.replace(/[\s_,’']/g, "");
  const decimal = text.replace(",", ".");
  return number.test(decimal) ? decimal : null;
}

function unitAdvice(text: string, unit: string): string {
  if (!/^[-+]?\d[\d.,\s]*[^\d.,\s]/.test(text)) return EXAMPLE;
  return unit === "" ? `Write the number alone. ${EXAMPLE}` : `Write the number alone; it is counted in ${unit}.`;
}

/** A number in few digits. */
export function shortNumber(value: number): string {
  return String(Number(value.toPrecision(6)));
}

/** What a number question holds: the right value, how far off one may be, its unit and the known wrong ones. */
export interface NumberKey {
  answer: number;
  tolerance: number;
  unit: string;
  wrong: readonly { value: number; tolerance: number }[];
}

/** Whether a number is right, and if not which of the known wrong ones it is, if any, and what else is to be said. */
export interface NumberVerdict {
  right: boolean;
  known: number | null;
  hint: string;
  /** It is the right answer in too few digits. */
  close: boolean;
}

export function judgeNumber(value: number, key: NumberKey): NumberVerdict {
  const { answer, tolerance, unit, wrong } = key;
  if (near(value, answer, tolerance)) return { right: true, known: null, hint: "", close: false };
  const distances = wrong.map((other) =>
    near(value, other.value, other.tolerance) ? Math.abs(value - other.value) : Infinity,
  );
  const closest = distances.indexOf(Math.min(...distances));
  if (closest >= 0 && distances[closest] !== Infinity) return { right: false, known: closest, hint: "", close: false };
  if (shortened(value, answer)) return { right: false, known: null, hint: "right, but rounded too far.", close: true };
  return { right: false, known: null, hint: nearMiss(value, answer, tolerance, unit), close: false };
}

/** A number like 0.1 + 0.2 is no further off than it is written. */
function near(value: number, other: number, tolerance: number): boolean {
  return Math.abs(value - other) <= tolerance + 1e-9 * Math.abs(other);
}

/** Whether a number is another one in fewer digits. One so far off that it may come from elsewhere does not count. */
function shortened(value: number, other: number): boolean {
  if (Math.abs(value - other) > MOST_ROUNDED * Math.abs(other)) return false;
  return Array.from({ length: 15 }, (_, place) => Number(other.toPrecision(place + 1))).includes(value);
}

function nearMiss(value: number, answer: number, tolerance: number, unit: string): string {
  if (answer !== 0 && near(-value, answer, tolerance)) return "The digits are right; look at the sign.";
  if (unit === "%" && near(value * 100, answer, tolerance)) return "That looks like a share of 1; write it in %.";
  return "";
}

/** Whether a choice is right, and how many of the chosen options are. */
export interface ChoiceVerdict {
  right: boolean;
  rightChosen: number;
  wrongChosen: number;
  rightInAll: number;
}

export function judgeChoice(chosen: ReadonlySet<number>, right: ReadonlySet<number>): ChoiceVerdict {
  const rightChosen = [...chosen].filter((place) => right.has(place)).length;
  const wrongChosen = chosen.size - rightChosen;
  const all = rightChosen === right.size && wrongChosen === 0;
  return { right: all, rightChosen, wrongChosen, rightInAll: right.size };
}

/** What to say of a choice of several. */
export function choiceText({ right, rightChosen, wrongChosen, rightInAll }: ChoiceVerdict): string {
  if (right) return "";
  const missing = rightInAll - rightChosen;
  const said = wrongChosen === 0 ? [] : [`${wrongChosen} of your choices ${wrongChosen === 1 ? "is" : "are"} wrong`];
  if (missing > 0) said.push(`${missing} right ${missing === 1 ? "option is" : "options are"} missing`);
  return `${said.join(", and ")}.`;
}

/** Which places of an order hold what belongs there. `order` has the right place of what stands at each. */
export function judgeOrder(order: readonly number[]): { right: boolean; inPlace: boolean[] } {
  const inPlace = order.map((place, at) => place === at);
  return { right: inPlace.every(Boolean), inPlace };
}
