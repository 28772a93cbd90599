/** Calls that the reader writes in the models' place: the columns that take part, and the question that goes with one. */

import { emptyReply, framingOf, NOTHING_WRITTEN } from "./chat";
import type { Column, Exchange, Message, Reply, ToolCall } from "./chat-protocol";

/** Each tool's one parameter, or null if it has none. */
export const PARAMETERS: Readonly<Record<string, string | null>> = {
  calculator: "expression",
  convert: "expression",
  clock: null,
  glossary: "term",
};

export function callOf(tool: string, value: string): ToolCall {
  const parameter = PARAMETERS[tool] ?? null;
  return { name: tool, arguments: parameter === null ? {} : { [parameter]: value } };
}

/** What a user could have said before a call, where nobody said anything. */
export function questionOf({ name, arguments: given }: ToolCall): string {
  const value = Object.values(given).join(" ").trim();
  if (name === "clock") return "What time is it?";
  if (value === "") return `${name}:`;
  return name === "glossary" ? `What does ${value} mean?` : `What is ${value}?`;
}

/** The call as the assistant's message. */
export function callMessage(call: ToolCall): Message {
  return { role: "assistant", content: "", tool_calls: [call] };
}

/** A column's reply that begins with the reader's call. Only chat markup has calls: another framing is left alone. */
export function calledReply(column: Column, call: ToolCall): Reply {
  const reply = emptyReply(column);
  if (framingOf(column) !== "markup") return { ...reply, end: "apart" };
  return { ...reply, writings: [{ ...NOTHING_WRITTEN, message: callMessage(call), ended: true, given: true }] };
}

/** The columns that were asked in an exchange. A request has these alone, so an event's column is a place among them. */
export function askedIn(exchange: Exchange | undefined): number[] {
  const replies = exchange?.replies ?? [];
  return replies.flatMap((reply, place) => (reply === null || reply.end === "apart" ? [] : [place]));
}

/** Whether anything has come from Python: what the reader wrote in the model's place has not. */
export function begun({ writings }: Reply): boolean {
  return writings.some(({ given, results }) => given !== true || results.length > 0);
}

/** What a call goes after: the message that nobody has replied to, or else a question of its own. */
export function placeOf(exchanges: readonly Exchange[], call: ToolCall): { before: Exchange[]; user: string } {
  const last = exchanges.at(-1);
  const open = last?.replies.every((reply) => reply === null || reply.said.length === 0);
  if (last !== undefined && open) return { before: exchanges.slice(0, -1), user: last.user };
  return { before: [...exchanges], user: questionOf(call) };
}
