/**
 * A lab's controls, made from its declaration. Each is a small form field with its label, its help and a place for what
 * is wrong with it; nothing here knows what a lab does.
 */

import { comparisons } from "./control-comparisons";
import { counter } from "./control-counter";
import { lines } from "./control-lines";
import { conversation } from "./control-messages";
import { checkbox, choice, number, slider, text } from "./controls-fields";
import { element } from "./dom";
import type { Value } from "./values";

/** What a control says of itself: `labs.core.bridge.describe_labs`. */
export interface Declaration {
  kind: "slider" | "number" | "choice" | "text" | "switch" | "counter" | "messages" | "comparisons";
  name: string;
  label: string;
  default: Value;
  help: string;
  minimum?: number;
  maximum?: number;
  step?: number;
  unit?: string;
  whole?: boolean;
  options?: string[];
  max_length?: number;
  suggestions?: string[];
  lines?: number;
  action?: string;
  max_messages?: number;
  pairs?: [prompt: string, first: string, second: string][];
}

/** How sure the reader's move is: `moved` may be one of many, `typing` is not over, `chosen` is final. */
export type Move = "moved" | "typing" | "chosen";

/** The form field of a control, as made for its kind. */
export interface Field {
  /** What is shown, label included. */
  body: HTMLElement;
  /** What gets the focus, the description and the mark of being wrong. */
  input: HTMLElement;
  /** Show a value that the reader did not type. */
  put(value: Value): void;
}

export type OnMove = (value: Value | null, move: Move) => void;

let count = 0;

/** An id that no other element has: labels and descriptions need one. */
export function freshId(): string {
  count += 1;
  return `lab-control-${count}`;
}

/** One control. `onMove` gets its new value, or null if what the reader typed is none. */
export class Control {
  readonly name: string;
  readonly label: string;
  readonly element: HTMLElement;
  #field: Field;
  #fault: HTMLElement;
  #help: HTMLElement | null = null;

  constructor(declaration: Declaration, value: Value, onMove: OnMove) {
    this.name = declaration.name;
    this.label = declaration.label;
    this.#field = make(declaration, (moved, move) => {
      this.#say(moved === null ? unusable(declaration) : "");
      onMove(moved, move);
    });
    this.#fault = element("p", { class: "lab-control__fault", id: freshId(), "aria-live": "polite" });
    const parts = declaration.kind === "messages" || declaration.kind === "comparisons";
    const wide = parts || severalLines(declaration) ? " lab-control--wide" : "";
    this.element = element("div", { class: `lab-control lab-control--${declaration.kind}${wide}` }, this.#field.body);
    if (declaration.help !== "") {
      this.#help = element("p", { class: "lab-control__help", id: freshId() }, declaration.help);
      this.element.append(this.#help);
    }
    this.element.append(this.#fault);
    this.put(value);
  }

  /** Show a value from elsewhere. */
  put(value: Value): void {
    this.#field.put(value);
    this.#say("");
  }

  /** Say what is wrong with the value; empty if nothing is. */
  blame(fault: string): void {
    this.#say(fault);
  }

  #say(fault: string): void {
    const { input } = this.#field;
    if (this.#fault.textContent !== fault) this.#fault.textContent = fault;
    if (fault === "") input.removeAttribute("aria-invalid");
    else input.setAttribute("aria-invalid", "true");
    const described = [this.#help?.id, fault === "" ? undefined : this.#fault.id].filter((id) => id !== undefined);
    if (described.length === 0) input.removeAttribute("aria-describedby");
    else input.setAttribute("aria-describedby", described.join(" "));
  }
}

function make(declaration: Declaration, onMove: OnMove): Field {
  switch (declaration.kind) {
    case "slider":
      return slider(declaration, onMove);
    case "number":
      return number(declaration, onMove);
    case "choice":
      return choice(declaration, onMove);
    case "text":
      return severalLines(declaration) ? lines(declaration, onMove) : text(declaration, onMove);
    case "switch":
      return checkbox(declaration, onMove);
    case "counter":
      return counter(declaration, onMove);
    case "messages":
      return conversation(declaration, onMove);
    case "comparisons":
      return comparisons(declaration, onMove);
    default:
      throw new Error(`Unknown kind of control: ${JSON.stringify(declaration.kind satisfies never)}`);
  }
}

function severalLines({ lines: height = 1 }: Declaration): boolean {
  return height > 1;
}

function unusable({ whole, minimum, maximum, unit }: Declaration): string {
  const kind = whole === true ? "a whole number" : "a number";
  return `Expected ${kind} from ${minimum} to ${maximum}${unit ? ` ${unit}` : ""}.`;
}
