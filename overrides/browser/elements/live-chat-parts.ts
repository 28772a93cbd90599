/** What a model wrote in its turn, part by part: thoughts, words, calls and their results, and below them the tokens. */

import { segments } from "../logic/chat";
import type { ToolCall, ToolResult, Writing } from "../logic/chat-protocol";
import { element } from "./dom";
import { TokensView } from "./live-chat-tokens";

/** The name that Python gives to a call that can't be read. */
const MALFORMED = "malformed";

/** A thing that a model did in its turn. */
interface Part {
  kind: "think" | "text" | "call" | "given" | "marker" | "result" | "fault";
  name: string;
  text: string;
}

export class WritingView {
  readonly element = element("div", { class: "chat__writing" });
  #parts = element("div");
  #tokens: TokensView;
  #shown: Writing | null = null;

  constructor(name: string) {
    this.#tokens = new TokensView(name);
    this.element.append(this.#parts, this.#tokens.element);
  }

  show(writing: Writing): void {
    if (writing === this.#shown) return;
    this.#shown = writing;
    const parts = partsOf(writing);
    for (const [place, part] of parts.entries()) this.#put(place, part);
    for (const old of [...this.#parts.children].slice(parts.length)) old.remove();
    this.#tokens.show(writing);
  }

  #put(place: number, { kind, name, text }: Part): void {
    const made = this.#parts.children[place];
    const whole = `chat__part chat__part--${kind}`;
    if (made?.className === whole) {
      const [title, words] = made.children;
      if (title !== undefined && title.textContent !== name) title.textContent = name;
      if (words !== undefined && words.textContent !== text) words.textContent = text;
      return;
    }
    const title = element("p", { class: "chat__part-name" }, name);
    const part = element("div", { class: whole }, title, element("p", { class: "chat__words", dir: "auto" }, text));
    title.hidden = name === "";
    if (made === undefined) this.#parts.append(part);
    else made.replaceWith(part);
  }
}

const LIVE = { text: "", think: "Thinks", call: "Writes a call", marker: "A marker, out of place" };

/** What is shown of a writing: as the chat template reads it, or, as long as it is not done, as it comes. */
function partsOf(writing: Writing): Part[] {
  const { message, fault, results } = writing;
  const streamed = segments(writing).map(({ kind, text }) => ({ kind, name: LIVE[kind], text }));
  if (message === null) return streamed;
  if (fault !== "") {
    const calls = (message.tool_calls ?? []).map(callPart);
    const before = calls.length > 0 ? streamed.filter(({ kind }) => kind === "think" || kind === "text") : streamed;
    const why: Part = { kind: "fault", name: "This can't be read", text: fault };
    return [...before, ...calls, ...(results.length > 0 ? results.map(resultPart) : [why])];
  }
  const parts: Part[] = [];
  if (message.think) parts.push({ kind: "think", name: LIVE.think, text: message.think });
  const words = message.content.replace(/^\n+/, "");
  if (words !== "") parts.push({ kind: "text", name: "", text: words });
  parts.push(...(message.tool_calls ?? []).map(writing.given === true ? givenPart : callPart));
  return [...parts, ...results.map(resultPart)];
}

function callPart({ name, arguments: given }: ToolCall): Part {
  if (name === MALFORMED) return { kind: "call", name: "Writes a malformed call", text: given["text"] ?? "" };
  const listed = Object.entries(given).map(([key, value]) => `${key} = ${value}`);
  return { kind: "call", name: `Calls the tool ${name}`, text: listed.join("\n") };
}

/** A call that the reader wrote. */
function givenPart(call: ToolCall): Part {
  const { text } = callPart(call);
  return { kind: "given", name: `Tool ${call.name}: call written by you`, text: text || "(no arguments)" };
}

function resultPart({ name, result, ok, cut, message }: ToolResult): Part {
  const from = ok ? `The tool ${name} says` : name === MALFORMED ? "It is told" : `The tool ${name} can't`;
  const less = message.content === "" ? "none of it" : `only “${message.content}”`;
  return { kind: "result", name: from, text: cut ? `${result}\n(The model reads ${less}: no more fits.)` : result };
}
