/** What Python says of a chat, checked: whatever comes, the page only sees what it knows how to show. */

import type { ChatEvent, EndReason, Message, PromptToken, ToolCall } from "./chat-protocol";

export const CHAT_MIME = "application/vnd.labs.chat+json";

const ENDS: readonly string[] = ["ended", "length", "calls", "overflow"] satisfies EndReason[];
const ROLES: readonly string[] = ["system", "user", "assistant", "tool"] satisfies Message["role"][];

type Thing = Record<string, unknown>;

/** The event that this is, or null if it is none. */
export function chatEvent(data: unknown): ChatEvent | null {
  try {
    return read(thing(data));
  } catch (error) {
    if (error instanceof Unreadable) return null;
    throw error;
  }
}

class Unreadable extends Error {}

function read(data: Thing): ChatEvent {
  const column = number(data, "column");
  const kind = text(data, "kind");
  switch (kind) {
    case "prompt":
      return {
        kind,
        column,
        tokens: list(data, "tokens").map(promptToken),
        dropped: number(data, "dropped"),
        context: number(data, "context"),
        used: number(data, "used"),
      };
    case "token":
      return {
        kind,
        column,
        id: number(data, "id"),
        text: text(data, "text"),
        piece: text(data, "piece"),
        special: data["special"] === true,
        probability: number(data, "probability"),
        top: list(data, "top").map((one) => ({ text: text(one, "text"), probability: number(one, "probability") })),
      };
    case "message":
      return {
        kind,
        column,
        message: message(data["message"]),
        ended: data["ended"] === true,
        fault: text(data, "fault"),
      };
    case "tool":
      return {
        kind,
        column,
        name: text(data, "name"),
        arguments: texts(data["arguments"]),
        result: text(data, "result"),
        ok: data["ok"] === true,
        cut: data["cut"] === true,
        message: message(data["message"]),
      };
    case "end": {
      const reason = text(data, "reason");
      if (!ENDS.includes(reason)) throw new Unreadable();
      return {
        kind,
        column,
        reason: reason as EndReason,
        said: list(data, "said").map(message),
        fault: String(data["fault"] ?? ""),
      };
    }
    default:
      throw new Unreadable();
  }
}

function promptToken(data: Thing): PromptToken {
  return {
    id: number(data, "id"),
    text: text(data, "text"),
    special: data["special"] === true,
    role: text(data, "role"),
  };
}

function message(data: unknown): Message {
  const found = thing(data);
  const role = text(found, "role");
  if (!ROLES.includes(role)) throw new Unreadable();
  const { think, tool_calls: calls } = found;
  return {
    role: role as Message["role"],
    content: text(found, "content"),
    ...(typeof think === "string" ? { think } : {}),
    ...(Array.isArray(calls) && calls.length > 0 ? { tool_calls: calls.map(call) } : {}),
  };
}

function call(data: unknown): ToolCall {
  const found = thing(data);
  return { name: text(found, "name"), arguments: texts(found["arguments"]) };
}

function texts(data: unknown): Record<string, string> {
  return Object.fromEntries(Object.entries(thing(data)).map(([name, value]) => [name, String(value)]));
}

function thing(data: unknown): Thing {
  if (typeof data !== "object" || data === null || Array.isArray(data)) throw new Unreadable();
  return data as Thing;
}

function list(data: Thing, key: string): Thing[] {
  const found = data[key];
  if (!Array.isArray(found)) throw new Unreadable();
  return found.map(thing);
}

function number(data: Thing, key: string): number {
  const found = data[key];
  if (typeof found !== "number") throw new Unreadable();
  return found;
}

function text(data: Thing, key: string): string {
  const found = data[key];
  if (typeof found !== "string") throw new Unreadable();
  return found;
}
