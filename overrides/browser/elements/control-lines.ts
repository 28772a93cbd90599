/** The field of a text of several lines, with a list of examples to take if there are some. */

import { type Declaration, type Field, freshId, type OnMove } from "./controls";
import { element } from "./dom";
import { linesText } from "./texts";

/** Of an example as much is listed as tells it apart from the others. */
const LISTED_CHARACTERS = 48;

export function lines(declaration: Declaration, onMove: OnMove): Field {
  const { label, lines: height = 2, max_length: longest, suggestions = [] } = declaration;
  const input = element("textarea", { id: freshId(), rows: String(height), autocomplete: "off", spellcheck: "false" });
  if (longest !== undefined) input.maxLength = longest;
  const name = element("label", { class: "lab-control__label", for: input.id }, label);
  const body = element("div", { class: "lab-control__row" }, name);
  const examples = list(label, suggestions);
  const show = (): void => {
    if (examples !== null) examples.value = String(suggestions.indexOf(input.value));
  };
  examples?.addEventListener("change", () => {
    const chosen = suggestions[Number(examples.value)];
    if (chosen === undefined) return;
    input.value = chosen;
    onMove(chosen, "chosen");
  });
  input.addEventListener("input", () => {
    show();
    onMove(input.value, "typing");
  });
  if (examples !== null) body.append(examples);
  body.append(input);
  return {
    body,
    input,
    put(value) {
      input.value = String(value);
      show();
    },
  };
}

function list(label: string, suggestions: string[]): HTMLSelectElement | null {
  if (suggestions.length === 0) return null;
  const own = element("option", { value: "-1" }, "Examples…");
  const options = suggestions.map((text, place) =>
    element("option", { value: String(place) }, linesText(text, LISTED_CHARACTERS)),
  );
  return element("select", { class: "lab-control__examples", "aria-label": `Examples for ${label}` }, own, ...options);
}
