/** The field of a ranking: for each pair its prompt and two replies to choose from, folded, with how many are ranked. */

import { type Declaration, type Field, freshId, type OnMove } from "./controls";
import { element } from "./dom";
import { rankedText } from "./texts";

/** The marks that a pair can have, in the order of its buttons. */
const MARKS = ["A", "B", "-"];

export function comparisons({ label, pairs }: Declaration, onMove: OnMove): Field {
  if (pairs === undefined) throw new Error("A ranking needs its pairs.");
  let ranking = "-".repeat(pairs.length);
  const count = element("span", { class: "lab-comparisons__count", "aria-live": "polite" });
  const show = (next: string): void => {
    ranking = next;
    count.textContent = rankedText(ranking);
  };
  const groups = pairs.map(([prompt, first, second], place) => {
    const name = freshId();
    const said = [`A: ${first}`, `B: ${second}`, "no answer"];
    const buttons = MARKS.map((value) => element("input", { type: "radio", name, value }));
    for (const button of buttons)
      button.addEventListener("change", () => {
        show(`${ranking.slice(0, place)}${button.value}${ranking.slice(place + 1)}`);
        onMove(ranking, "chosen");
      });
    const options = buttons.map((button, which) =>
      element("label", { class: "lab-control__option" }, button, element("span", {}, said[which] ?? "")),
    );
    const legend = element("legend", {}, `${place + 1}. ${prompt}`);
    const pair = element("fieldset", { class: "lab-comparisons__pair" }, legend, ...options);
    return { buttons, item: element("li", { class: "lab-comparisons__item" }, pair) };
  });
  const list = element("ol", { class: "lab-comparisons__list" }, ...groups.map(({ item }) => item));
  const folded = element("details", {}, element("summary", {}, `The ${pairs.length} pairs`), list);
  const legend = element("legend", { class: "lab-control__label" }, label);
  const input = element("fieldset", { class: "lab-comparisons" }, legend, count, folded);
  return {
    body: input,
    input,
    put(value) {
      show(String(value));
      for (const [place, { buttons }] of groups.entries())
        for (const button of buttons) button.checked = button.value === ranking[place];
    },
  };
}
