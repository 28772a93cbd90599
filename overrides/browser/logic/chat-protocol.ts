/** The live chat's protocol: what Python is asked, what it says, and what a conversation is made of. */

export type ModelName = "base" | "sft" | "chat" | "mine";
export type Framing = "markup" | "raw" | "prelude";
export type Think = "absent" | "closed" | "open";

export const MODELS: readonly ModelName[] = ["base", "sft", "chat", "mine"];
export const FRAMINGS: readonly Framing[] = ["raw", "prelude", "markup"];
export const TOOLS: readonly string[] = ["calculator", "convert", "clock", "glossary"];
/** The tool that the models were taught: it is always among those offered. */
export const TAUGHT = "calculator";

export interface ToolCall {
  name: string;
  arguments: Record<string, string>;
}

export interface Message {
  role: "system" | "user" | "assistant" | "tool";
  content: string;
  think?: string | null;
  tool_calls?: ToolCall[];
}

/** One token of a prompt. */
export interface PromptToken {
  id: number;
  text: string;
  special: boolean;
  role: string;
}

/** One token that a model wrote: `piece` is the text that it completes. */
export interface Written {
  id: number;
  text: string;
  piece: string;
  special: boolean;
  probability: number;
  top: { text: string; probability: number }[];
}

/** What the model read before it wrote. `dropped` counts the exchanges that no longer fit. */
export interface Prompt {
  tokens: PromptToken[];
  dropped: number;
  context: number;
  used: number;
}

export interface ToolResult {
  name: string;
  arguments: Record<string, string>;
  result: string;
  ok: boolean;
  /** Whether the model reads less of the result than came, because no more fits. */
  cut: boolean;
  message: Message;
}

export type EndReason = "ended" | "length" | "calls" | "overflow";

/** What Python says of a column. */
export type ChatEvent =
  | ({ kind: "prompt"; column: number } & Prompt)
  | ({ kind: "token"; column: number } & Written)
  | { kind: "message"; column: number; message: Message; ended: boolean; fault: string }
  | ({ kind: "tool"; column: number } & ToolResult)
  | { kind: "end"; column: number; reason: EndReason; said: Message[]; fault: string };

/** A model reads, writes, and may call tools: one time around. */
export interface Writing {
  prompt: Prompt | null;
  tokens: Written[];
  /** What it wrote, as the chat template reads it; null as long as it writes. */
  message: Message | null;
  ended: boolean;
  fault: string;
  results: ToolResult[];
  /** Whether the reader wrote this in the model's place. */
  given?: boolean;
}

/** What one column answered to one message of the reader. */
export interface Reply {
  model: ModelName;
  framing: Framing;
  writings: Writing[];
  /** `apart`: it was not asked, because the reader's call can't be framed for it. */
  end: EndReason | "stopped" | "failed" | "apart" | null;
  said: Message[];
  /** Why it could not be written, for the reader. */
  fault: string;
}

/** A message of the reader, and the replies to it by column; null where a column was not asked. */
export interface Exchange {
  user: string;
  /** A call that the reader wrote in the models' place. */
  call?: ToolCall | undefined;
  replies: (Reply | null)[];
}

/** What a column is: a model, and how the conversation is framed for it. */
export interface Column {
  model: ModelName;
  framing: Framing;
}

export interface Settings {
  columns: Column[];
  think: boolean;
  tools: boolean;
  /** The tools offered beside the taught one, as long as any are. */
  more: readonly string[];
  temperature: number;
  topP: number;
  seed: number;
}

/** The request that Python gets for the last exchange. */
export interface Request {
  columns: { model: ModelName; framing: Framing; messages: Message[] }[];
  think: Think;
  tools: string[];
  temperature: number;
  top_p: number;
  seed: number;
}
