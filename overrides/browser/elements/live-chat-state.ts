/**
 * A conversation of the live chat: what was said, what is being said, and how. It outlives the element that shows it,
 * so that a reply goes on while the reader looks at another page.
 */

import { closed, reduced } from "../logic/chat";
import { askedIn, begun, placeOf, questionOf } from "../logic/chat-calls";
import { CHAT_MIME, chatEvent } from "../logic/chat-events";
import type { Column, Exchange, Reply, Settings, ToolCall } from "../logic/chat-protocol";
import { asked, requestOf } from "../logic/chat-request";
import type { Client } from "../runtime/client";
import type { Output } from "../runtime/messages";
import type { Run } from "../runtime/run";

/** What went wrong: said by the box. `trace` where it was no fault of the reader's. */
export interface Fault {
  text: string;
  trace: string;
}

type Drafts = Record<string, string>;

const NO_MARKUP =
  "A call stands in chat markup, and no model here reads that: choose the assistant, or set what the base model reads " +
  "to “in chat markup”.";
const UNREADABLE =
  "Python said something that this page can't read. Load the page anew; if it stays so, tell its host.";

/**
 * Events: `change` when anything is to be shown anew, `from` (detail: a place) when the exchanges from there on are
 * others than before, `said` (detail: a Reply) when a reply has come to its end.
 */
export class Conversation extends EventTarget {
  static #all = new Map<string, Conversation>();

  exchanges: Exchange[] = [];
  draft = "";
  /** The call that the reader is writing: a tool, and what was written for each. */
  drafted = { tool: "convert", values: { calculator: "37+45", convert: "3 km in m", glossary: "SFT" } as Drafts };
  fault: Fault | null = null;
  run: Run | null = null;
  /** Whether the last stop cost a restart of Python. */
  restarted = false;
  settings: Settings;
  readonly #client: Client;
  readonly #key: string;

  private constructor(client: Client, key: string, columns: Column[]) {
    super();
    this.#client = client;
    this.#key = key;
    this.settings = { columns, think: false, tools: false, more: [], temperature: 0.5, topP: 1, seed: 0 };
  }

  /** The conversation kept under this key, or a new one. */
  static of(client: Client, key: string, columns: Column[]): Conversation {
    const found = Conversation.#all.get(key) ?? new Conversation(client, key, columns);
    Conversation.#all.set(key, found);
    return found;
  }

  get busy(): boolean {
    return this.run?.active === true;
  }

  set(change: Partial<Settings>): void {
    this.settings = { ...this.settings, ...change };
    this.#changed();
  }

  /** Say this to the models. Returns whether it was sent. */
  send(text: string): boolean {
    if (this.busy || text.trim() === "") return false;
    this.#ask(this.exchanges, text);
    return true;
  }

  /** Put this call in the models' place, after what was not answered or else after a question of its own. */
  call(call: ToolCall): void {
    if (this.busy) return;
    const { before, user } = placeOf(this.exchanges, call);
    this.#ask(before, user, call);
  }

  /** Say this in the place of what was said there; what came after it is dropped. A call of the reader's stays. */
  edit(place: number, text: string): void {
    if (this.busy || text.trim() === "") return;
    this.#ask(this.exchanges.slice(0, place), text, this.exchanges[place]?.call);
  }

  /** Let the last message be answered anew, with the next seed. */
  regenerate(): void {
    this.settings = { ...this.settings, seed: this.settings.seed + 1 };
    this.retry();
  }

  /** Let the last message be answered as it should have been. */
  retry(): void {
    const last = this.exchanges.at(-1);
    if (last !== undefined && !this.busy) this.#ask(this.exchanges.slice(0, -1), last.user, last.call);
  }

  stop(): void {
    if (this.run === null || !this.run.active) return;
    this.restarted = this.run.state === "running";
    this.#client.stop(this.run);
  }

  /** Begin a new conversation. */
  clear(): void {
    this.stop();
    [this.exchanges, this.fault, this.run] = [[], null, null];
    this.#from(0);
  }

  #ask(before: Exchange[], user: string, call?: ToolCall): void {
    const next = asked(before, user, this.settings, call);
    if (askedIn(next.at(-1)).length === 0) {
      this.fault = { text: NO_MARKUP, trace: "" };
      return this.#changed();
    }
    this.exchanges = next;
    this.fault = null;
    const run = this.#client.run(this.#key, {
      kind: "chat",
      request: JSON.stringify(requestOf(this.exchanges, this.settings)),
    });
    this.run = run;
    run.addEventListener("output", (event) => {
      if (this.run === run) this.#take((event as CustomEvent<Output[]>).detail);
    });
    run.addEventListener("change", () => {
      if (this.run === run) this.#turned(run);
    });
    this.#from(before.length);
  }

  #take(outputs: Output[]): void {
    for (const output of outputs) {
      if (output.output_type === "error") {
        const refused = output.ename === "ValueError";
        const text = refused ? output.evalue : `${output.ename}: ${output.evalue}`;
        this.fault = { text, trace: refused ? "" : output.traceback };
      } else if (output.output_type === "notice") {
        this.fault = { text: UNREADABLE, trace: "" };
      } else if (output.output_type !== "stream" && CHAT_MIME in output.data) {
        this.#hear(output.data[CHAT_MIME]);
      }
    }
    this.#changed();
  }

  #hear(data: unknown): void {
    const event = chatEvent(data);
    const column = askedIn(this.exchanges.at(-1))[event?.column ?? -1];
    const reply = column === undefined ? null : this.#replies[column];
    if (event === null || column === undefined || reply === null || reply === undefined) {
      this.fault = { text: UNREADABLE, trace: "" };
      return;
    }
    const next = reduced(reply, event);
    this.#put(column, next);
    if (event.kind === "end") this.dispatchEvent(new CustomEvent("said", { detail: next }));
  }

  get #replies(): (Reply | null)[] {
    return this.exchanges.at(-1)?.replies ?? [];
  }

  #put(column: number, reply: Reply): void {
    const last = this.exchanges.at(-1);
    if (last === undefined) return;
    const replies = last.replies.map((other, place) => (place === column ? reply : other));
    this.exchanges = [...this.exchanges.slice(0, -1), { ...last, replies }];
  }

  #turned(run: Run): void {
    if (!run.active) {
      for (const [column, reply] of this.#replies.entries()) {
        if (reply === null || reply.end !== null) continue;
        const left = closed(reply, run.state === "stopped" ? "stopped" : "failed");
        this.#put(column, left);
        if (left.said.length > 0) this.dispatchEvent(new CustomEvent("said", { detail: left }));
      }
      if (run.state === "error" && this.#unanswered && this.draft === "") this.#takeBack();
    }
    this.#changed();
  }

  get #unanswered(): boolean {
    return this.#replies.every((reply) => reply === null || !begun(reply));
  }

  /** Put what was refused back into the box: nothing was answered, and nothing typed is lost. */
  #takeBack(): void {
    const last = this.exchanges.at(-1);
    const typed = last?.call === undefined || last.user !== questionOf(last.call);
    if (last !== undefined && typed) this.draft = last.user;
    this.exchanges = this.exchanges.slice(0, -1);
    this.#from(this.exchanges.length);
  }

  #from(place: number): void {
    this.dispatchEvent(new CustomEvent("from", { detail: place }));
    this.#changed();
  }

  #changed(): void {
    this.dispatchEvent(new Event("change"));
  }
}
