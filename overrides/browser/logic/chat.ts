/** The live chat as data: what the events that come from Python make of a reply. No DOM. */

import type { ChatEvent, Column, Framing, Message, Prompt, Reply, Writing } from "./chat-protocol";

/** Only a base model has a choice of framing: the others were trained on the chat template. */
export function framingOf({ model, framing }: Column): Framing {
  return model === "base" ? framing : "markup";
}

export function emptyReply(column: Column): Reply {
  return { model: column.model, framing: framingOf(column), writings: [], end: null, said: [], fault: "" };
}

/** The reply with what Python said put in. */
export function reduced(reply: Reply, event: ChatEvent): Reply {
  const { writings } = reply;
  switch (event.kind) {
    case "prompt": {
      const { tokens, dropped, context, used } = event;
      const prompt = { tokens, dropped, context, used };
      return { ...reply, writings: [...writings, { ...NOTHING_WRITTEN, prompt }] };
    }
    case "token": {
      const { id, text, piece, special, probability, top } = event;
      const token = { id, text, piece, special, probability, top };
      return inLast(reply, (last) => ({ ...last, tokens: [...last.tokens, token] }));
    }
    case "message": {
      const { message, ended, fault } = event;
      return { ...inLast(reply, (last) => ({ ...last, message, ended, fault })), said: [...reply.said, message] };
    }
    case "tool": {
      const { name, result, ok, cut, message } = event;
      const found = { name, arguments: event.arguments, result, ok, cut, message };
      return {
        ...inLast(reply, (last) => ({ ...last, results: [...last.results, found] })),
        said: [...reply.said, message],
      };
    }
    case "end":
      return { ...reply, end: event.reason, said: event.said, fault: event.fault };
  }
}

export const NOTHING_WRITTEN: Writing = {
  prompt: null,
  tokens: [],
  message: null,
  ended: false,
  fault: "",
  results: [],
};

function inLast(reply: Reply, change: (writing: Writing) => Writing): Reply {
  const before = reply.writings.slice(0, -1);
  return { ...reply, writings: [...before, change(reply.writings.at(-1) ?? NOTHING_WRITTEN)] };
}

/** A reply that nothing more comes to. What a model had begun to say was said, and it will read it. */
export function closed(reply: Reply, end: "stopped" | "failed"): Reply {
  if (reply.end !== null) return reply;
  const last = reply.writings.at(-1);
  const begun = last === undefined || last.message !== null ? null : partial(last);
  return { ...reply, end, said: begun === null ? reply.said : [...reply.said, begun] };
}

/** What stands there of a writing that was cut off, as a message; null if that is nothing. */
function partial(writing: Writing): Message | null {
  const found = segments(writing);
  const text = (kind: Segment["kind"]): string =>
    found
      .filter((segment) => segment.kind === kind)
      .map((segment) => segment.text)
      .join("");
  const [think, content] = [text("think"), text("text").trim()];
  if (content === "" && think === "") return null;
  return found.some(({ kind }) => kind === "think")
    ? { role: "assistant", content, think: think.trim() }
    : { role: "assistant", content };
}

/** A part of what a model wrote: thoughts, words, the text of a call, or a marker that means none of these. */
export interface Segment {
  kind: "think" | "text" | "call" | "marker";
  text: string;
}

/** What a model wrote so far, in parts: the newlines around thoughts are the template's, and taken away. */
export function segments(writing: Writing): Segment[] {
  const found = rawSegments(writing);
  return found.map((segment, place) => {
    if (segment.kind === "think") return { ...segment, text: segment.text.trim() };
    if (segment.kind === "text" && found[place - 1]?.kind === "think")
      return { ...segment, text: segment.text.replace(/^\n{1,2}/, "") };
    return segment;
  });
}

function rawSegments({ prompt, tokens }: Writing): Segment[] {
  let kind: "think" | "text" | "call" = opensThink(prompt) ? "think" : "text";
  const found: Segment[] = kind === "think" ? [{ kind, text: "" }] : [];
  const add = (text: string): void => {
    const last = found.at(-1);
    if (last?.kind === kind) last.text += text;
    else if (text !== "") found.push({ kind, text });
  };
  for (const token of tokens) {
    if (!token.special) {
      add(token.piece);
    } else if (token.text === "<think>" || token.text === "<tool_call>") {
      kind = token.text === "<think>" ? "think" : "call";
      found.push({ kind, text: "" });
    } else if (token.text === "</think>" || token.text === "</tool_call>") {
      kind = "text";
    } else if (token.text !== "<|im_end|>") {
      found.push({ kind: "marker", text: token.text });
    }
  }
  return found;
}

/** Whether the prompt ends inside a think block, so that the model begins by thinking. */
function opensThink(prompt: Prompt | null): boolean {
  const markers = (prompt?.tokens ?? []).filter(({ text, special }) => special && /^(<\/?think>|<\|im_)/.test(text));
  return markers.at(-1)?.text === "<think>";
}
