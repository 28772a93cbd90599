/** What is sent to Python of a conversation, and what of it the models still see. No DOM. */

import { emptyReply, framingOf } from "./chat";
import { askedIn, calledReply, callMessage } from "./chat-calls";
import {
  type Column,
  type Exchange,
  type Message,
  type Reply,
  type Request,
  type Settings,
  TAUGHT,
  TOOLS,
  type ToolCall,
} from "./chat-protocol";
import { fingerprint } from "./hash";

/** A conversation with one more message of the reader, perhaps with a call, and the replies to it still to come. */
export function asked(
  before: readonly Exchange[],
  user: string,
  { columns }: Settings,
  call?: ToolCall | undefined,
): Exchange[] {
  if (call === undefined) return [...before, { user, replies: columns.map(emptyReply) }];
  return [...before, { user, call, replies: columns.map((column) => calledReply(column, call)) }];
}

/** The conversation as a column has had it: exchanges that it was not asked in, or said nothing in, are left out. */
export function messagesOf(exchanges: readonly Exchange[], column: number): Message[] {
  return exchanges.flatMap(({ user, call, replies }, place) => {
    const reply = replies[column] ?? null;
    if (reply === null || !has(reply, place === exchanges.length - 1)) return [];
    const given = call === undefined ? [] : [callMessage(call)];
    return [{ role: "user" as const, content: user }, ...given, ...reply.said];
  });
}

/** Whether an exchange is part of a column's conversation; `open` is the last, which may still be answered. */
function has(reply: Reply, open: boolean): boolean {
  return reply.end !== "apart" && (open || reply.said.length > 0);
}

/** What Python is asked: to answer the last exchange, in which no model has said anything yet. */
export function requestOf(exchanges: readonly Exchange[], settings: Settings): Request {
  const last = exchanges.at(-1);
  const columns = askedIn(last).flatMap((place) => {
    const column = settings.columns[place];
    if (column === undefined) return [];
    return [{ model: column.model, framing: framingOf(column), messages: messagesOf(exchanges, place).map(bare) }];
  });
  return {
    columns,
    think: settings.think ? "open" : "absent",
    tools: offered(settings, last?.call),
    temperature: settings.temperature,
    top_p: settings.topP,
    seed: settings.seed + ownSeed(exchanges),
  };
}

/** What each exchange adds to the seed: with one seed for all, an unsure model would say the same to unlike questions. */
function ownSeed(exchanges: readonly Exchange[]): number {
  const said = exchanges.at(-1)?.user ?? "";
  return Number.parseInt(fingerprint(`${exchanges.length} ${said}`).slice(-6), 16);
}

/** The tools that a turn offers: those that are switched on, and that of a call to be carried out. */
function offered({ tools, more }: Settings, call?: ToolCall): string[] {
  const on = tools ? [TAUGHT, ...more] : [];
  return TOOLS.filter((tool) => on.includes(tool) || tool === call?.name);
}

/** A message without keys that say nothing. */
function bare({ role, content, think, tool_calls }: Message): Message {
  return {
    role,
    content,
    ...(typeof think === "string" ? { think } : {}),
    ...(tool_calls !== undefined && tool_calls.length > 0 ? { tool_calls } : {}),
  };
}

/** The columns' conversations as JSON: one list of messages, or one by column. */
export function exported(exchanges: readonly Exchange[], columns: readonly Column[]): string {
  const all = columns.map((column, place) => ({
    model: column.model,
    framing: framingOf(column),
    messages: messagesOf(exchanges, place).map(bare),
  }));
  return JSON.stringify(all.length === 1 ? all[0]?.messages : all, null, 2);
}

/** How many exchanges, of those a column had, its model no longer saw when it last wrote; by place in the conversation. */
export function unseen(exchanges: readonly Exchange[], column: number): Set<number> {
  const asked = exchanges
    .map((exchange, place) => ({ reply: exchange.replies[column] ?? null, place }))
    .filter(({ reply, place }) => reply !== null && has(reply, place === exchanges.length - 1));
  const last = asked.at(-1)?.reply?.writings.at(-1)?.prompt;
  return new Set(asked.slice(0, last?.dropped ?? 0).map(({ place }) => place));
}

/** What is said of exchanges that no longer fit. */
export function droppedText(dropped: number, context: number): string {
  if (dropped === 0) return "";
  const which = dropped === 1 ? "The oldest exchange no longer fits" : `The oldest ${dropped} exchanges no longer fit`;
  return `${which} into the ${context} tokens that the model reads: the model does not see ${dropped === 1 ? "it" : "them"}.`;
}
