/** The field of a counter: a button that adds one, how often that was done so far, and a button that starts again. */

import { type Declaration, type Field, freshId, type OnMove } from "./controls";
import { element } from "./dom";
import { soFarText } from "./texts";

export function counter({ label, action, maximum }: Declaration, onMove: OnMove): Field {
  if (action === undefined || maximum === undefined) throw new Error("A counter needs an action and a maximum.");
  let count = 0;
  const head = element("span", { class: "lab-control__label", id: freshId() }, label);
  const said = element("span", { class: "lab-counter__count", "aria-live": "polite" });
  const show = (next: number): void => {
    count = next;
    said.textContent = `${soFarText(count)}${count >= maximum ? ", which is the most" : ""}`;
    unavailable(add, count >= maximum);
    unavailable(again, count === 0);
  };
  const move = (next: number): void => {
    if (next < 0 || next > maximum || next === count) return;
    show(next);
    onMove(count, "chosen");
  };
  const add = smallButton(action, () => move(count + 1));
  const again = smallButton("Start again", () => move(0));
  const input = element("div", { class: "lab-counter", role: "group", "aria-labelledby": head.id }, said, add, again);
  return {
    body: element("div", { class: "lab-control__row" }, head, input),
    input,
    put: (value) => show(Number(value)),
  };
}

export function smallButton(text: string, act: () => void): HTMLButtonElement {
  const made = element("button", { type: "button", class: "lab-button" }, text);
  made.addEventListener("click", () => {
    if (made.getAttribute("aria-disabled") !== "true") act();
  });
  return made;
}

/** Say that a button does nothing now. It keeps the focus: who has just pressed it should not lose their place. */
export function unavailable(button: HTMLButtonElement, off: boolean): void {
  button.setAttribute("aria-disabled", String(off));
}
