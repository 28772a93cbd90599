/** The form fields of the kinds of controls. */

import { type Declaration, type Field, freshId, type OnMove } from "./controls";
import { element } from "./dom";
import type { Value } from "./values";

/** So few short options are better seen at once than unfolded. */
const MOST_RADIOS = 4;

/** A slider, with its number and unit beside it. The number is the value: a slider itself can't stand between its steps. */
export function slider(declaration: Declaration, onMove: OnMove): Field {
  const { minimum, maximum, step, unit } = declaration;
  const input = element("input", { type: "range", min: String(minimum), max: String(maximum), step: String(step) });
  const shown = element("span", { class: "lab-control__value", "aria-hidden": "true" });
  const write = (value: number): void => {
    const said = withUnit(String(value), unit);
    shown.textContent = said;
    input.setAttribute("aria-valuetext", said);
  };
  input.addEventListener("input", () => {
    write(input.valueAsNumber);
    onMove(input.valueAsNumber, "moved");
  });
  return {
    body: row(labelled(declaration, input), shown, input),
    input,
    put(value) {
      input.value = String(value);
      write(Number(value));
    },
  };
}

/** A number to type. Its bounds are Python's to check: here they only help. */
export function number(declaration: Declaration, onMove: OnMove): Field {
  const { minimum, maximum, whole, unit } = declaration;
  const step = whole === true ? "1" : "any";
  const input = element("input", { type: "number", min: String(minimum), max: String(maximum), step });
  if (whole === true) input.inputMode = "numeric";
  const read = (): number | null => (Number.isNaN(input.valueAsNumber) ? null : input.valueAsNumber);
  input.addEventListener("input", () => onMove(read(), "typing"));
  input.addEventListener("change", () => onMove(read(), "chosen"));
  const field = element("span", { class: "lab-control__field" }, input);
  if (unit) field.append(element("span", { class: "lab-control__unit" }, unit));
  return {
    body: row(labelled(declaration, input, unit), field),
    input,
    put(value) {
      input.value = String(value);
    },
  };
}

/** One of several options: radio buttons if they are few and short, else a list to unfold. */
export function choice(declaration: Declaration, onMove: OnMove): Field {
  const options = declaration.options ?? [];
  const short = options.length <= MOST_RADIOS && options.join("").length <= 60;
  return short ? radios(declaration, options, onMove) : list(declaration, options, onMove);
}

function list(declaration: Declaration, options: string[], onMove: OnMove): Field {
  const input = element("select", {}, ...options.map((option) => element("option", { value: option }, option)));
  input.addEventListener("change", () => onMove(input.value, "chosen"));
  return {
    body: row(labelled(declaration, input), input),
    input,
    put(value) {
      input.value = String(value);
    },
  };
}

function radios(declaration: Declaration, options: string[], onMove: OnMove): Field {
  const group = freshId();
  const buttons = options.map((value) => element("input", { type: "radio", name: group, value }));
  for (const button of buttons) button.addEventListener("change", () => onMove(button.value, "chosen"));
  const labels = buttons.map((button) => element("label", { class: "lab-control__option" }, button, button.value));
  const legend = element("legend", { class: "lab-control__label" }, declaration.label);
  const input = element("fieldset", { class: "lab-control__options" }, legend, ...labels);
  return {
    body: input,
    input,
    put(value) {
      for (const button of buttons) button.checked = button.value === value;
    },
  };
}

/** A line of text. With suggestions it is likely to be one of them, so half a word is not yet a move. */
export function text(declaration: Declaration, onMove: OnMove): Field {
  const suggestions = declaration.suggestions ?? [];
  const input = element("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  if (declaration.max_length !== undefined) input.maxLength = declaration.max_length;
  const body = row(labelled(declaration, input), input);
  if (suggestions.length > 0) {
    const options = element("datalist", { id: freshId() });
    options.append(...suggestions.map((value) => element("option", { value })));
    input.setAttribute("list", options.id);
    body.append(options);
  }
  let told: Value = "";
  const tell = (move: "typing" | "chosen"): void => {
    if (input.value === told) return;
    told = input.value;
    onMove(input.value, move);
  };
  input.addEventListener("input", () => {
    if (suggestions.includes(input.value)) tell("chosen");
    else if (suggestions.length === 0) tell("typing");
  });
  input.addEventListener("change", () => tell("chosen"));
  return {
    body,
    input,
    put(value) {
      input.value = told = String(value);
    },
  };
}

export function checkbox(declaration: Declaration, onMove: OnMove): Field {
  const input = element("input", { type: "checkbox", role: "switch" });
  input.addEventListener("change", () => onMove(input.checked, "chosen"));
  return {
    body: row(element("label", { class: "lab-control__option" }, input, declaration.label)),
    input,
    put(value) {
      input.checked = value === true;
    },
  };
}

function row(...content: HTMLElement[]): HTMLElement {
  return element("div", { class: "lab-control__row" }, ...content);
}

function labelled({ label }: Declaration, input: HTMLElement, unit = ""): HTMLLabelElement {
  input.id = freshId();
  const made = element("label", { class: "lab-control__label", for: input.id }, label);
  if (unit) made.append(element("span", { class: "lab-hidden" }, ` in ${unit}`));
  return made;
}

function withUnit(value: string, unit: string | undefined): string {
  return unit ? `${value} ${unit}` : value;
}
