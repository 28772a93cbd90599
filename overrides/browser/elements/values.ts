/** The values of a lab's controls, and whether two of them are the same. */

/** A message of a conversation, as a control for one gives it. */
export interface Message {
  role: string;
  content: string;
}

/** Never changed in place: a control that has moved gives another. */
export type Value = number | string | boolean | readonly Message[];
export type Values = Record<string, Value>;

/** Whether these are the same values for the same controls. */
export function same(some: Values, others: Values): boolean {
  return Object.keys({ ...some, ...others }).every((name) => equal(some[name], others[name]));
}

/** Whether two values are the same; conversations are, if their messages are. */
export function equal(one: Value | undefined, other: Value | undefined): boolean {
  if (typeof one !== "object" || typeof other !== "object") return one === other;
  return written(one) === written(other);
}

function written(messages: readonly Message[]): string {
  return JSON.stringify(messages.map(({ role, content }) => [role, content]));
}
