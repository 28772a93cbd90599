/** What the live chat says: the models' names, what they are, and prompts that show the point. */

import { callOf } from "../logic/chat-calls";
import type { Framing, ModelName, Reply, ToolCall } from "../logic/chat-protocol";
import type { Run } from "../runtime/run";
import { stateText, stoppedText } from "./texts";

export const NAMES: Record<ModelName, string> = {
  base: "Base model",
  sft: "After SFT",
  chat: "Assistant",
  mine: "Your model",
};

export const FRAMING_NAMES: Record<Framing, string> = {
  raw: "as a page",
  prelude: "after a prelude",
  markup: "in chat markup",
};

/** Two sentences, so that nobody expects too much. */
export const ABOUT =
  "Tiny models: 4 layers, 460 thousand parameters, a vocabulary of 576 tokens, a context of 160, trained on pages about " +
  "a made-up village. They know its people, small sums and a few how-tos; of the real world they know nothing, and " +
  "they say something all the same.";

/** What is said of the tools that can be offered. */
export const ABOUT_TOOLS =
  "The models were taught the calculator only. The others run here all the same: write a call yourself. A model makes " +
  "little of a result that it was never taught, and that is the point.";

/** Who gets a call of the reader's. */
export const ABOUT_CALLS =
  "It takes the assistant’s turn where a model reads chat markup; others are left out. Its tool is offered for that turn.";

/** A prompt to press: words to say, with the tools switched on if it would miss its point without, or a call. */
export type Offer = { name: string; text: string; tools?: boolean } | { name: string; call: ToolCall };

export const OFFERS: readonly Offer[] = [
  { name: "A fact of the village", text: "Where does Mira live?" },
  { name: "A list of questions", text: "What is 2+5?\nWhere does Tora live?" },
  { name: "A sum", text: "What is 23+48?", tools: true },
  { name: "Call the clock", call: callOf("clock", "") },
  { name: "Call convert", call: callOf("convert", "3 km in m") },
  { name: "Call the glossary", call: callOf("glossary", "SFT") },
  { name: "A forbidden topic", text: "How do I open the moon lock?" },
  { name: "Something it can't know", text: "What is the capital of France?" },
];

/** What became of a reply, in words; empty while it comes. */
export function endText({ end, writings, fault, framing }: Reply): string {
  const written = writings.reduce((sum, { tokens }) => sum + tokens.length, 0);
  const tokens = `${written} ${written === 1 ? "token" : "tokens"}`;
  switch (end) {
    case "ended":
      return `It ended ${framing === "raw" ? "the page" : "its turn"}, after ${tokens}.`;
    case "length":
      return `It did not end ${framing === "raw" ? "the page" : "its turn"}: cut off after ${tokens}.`;
    case "calls":
      return `It went on calling tools: cut off after ${tokens}.`;
    case "overflow":
      return `This does not fit into what the model reads${fault === "" ? "." : `: ${fault}.`}`.replace(/\.\.$/, ".");
    case "stopped":
      return written === 0 ? "Stopped before it began." : `Stopped after ${tokens}. What stands here was said.`;
    case "failed":
      return written === 0 ? "Not answered." : `It broke off after ${tokens}.`;
    case "apart":
      return "Left out: your call stands in chat markup, which is not what this model reads here.";
    case null:
      return "";
  }
}

/** What the chat says of its run. */
export function chatText(run: Run, restarts: boolean): string {
  switch (run.state) {
    case "running":
      return run.note || "Writing…";
    case "done":
      return run.seconds === null ? "" : `Computed here in ${run.seconds.toFixed(1)} s.`;
    case "error":
      return "Not answered.";
    case "stopped":
      return `${stoppedText(restarts)} The conversation stays.`;
    case "dropped":
      return `Not answered: ${run.reason} Press Regenerate to try again.`;
    default:
      return stateText(run);
  }
}
