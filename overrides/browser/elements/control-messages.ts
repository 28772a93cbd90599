/** The field of a conversation: for each message role, text and a button to remove it, and a button to add one. */

import { smallButton, unavailable } from "./control-counter";
import { type Declaration, type Field, freshId, type OnMove } from "./controls";
import { element } from "./dom";
import { messagesText } from "./texts";
import type { Message, Value } from "./values";

const ROLES = ["system", "user", "assistant", "tool"];

/** One message's fields. */
interface Row {
  item: HTMLElement;
  role: HTMLSelectElement;
  text: HTMLTextAreaElement;
  remove: HTMLButtonElement;
}

export function conversation(declaration: Declaration, onMove: OnMove): Field {
  const { label, max_messages: most, max_length: longest } = declaration;
  if (most === undefined || longest === undefined) throw new Error("A conversation needs its limits.");
  let rows: Row[] = [];
  const list = element("ol", { class: "lab-messages__list" });
  const limits = element("span", { class: "lab-messages__limits", "aria-live": "polite" });
  const tell = (move: "typing" | "chosen"): void => {
    onMove(
      rows.map(({ role, text }): Message => ({ role: role.value, content: text.value })),
      move,
    );
  };
  const number = (): void => {
    for (const [place, { role, text, remove }] of rows.entries()) {
      role.setAttribute("aria-label", `Role of message ${place + 1}`);
      text.setAttribute("aria-label", `Text of message ${place + 1}`);
      remove.setAttribute("aria-label", `Remove message ${place + 1}`);
    }
    limits.textContent = messagesText(rows.length, most, longest);
    unavailable(add, rows.length >= most);
  };
  const insert = ({ role, content }: Message): Row => {
    const row = fields(longest, () => {
      const place = rows.indexOf(row);
      row.item.remove();
      rows = rows.filter((other) => other !== row);
      number();
      (rows[place]?.remove ?? add).focus();
      tell("chosen");
    });
    row.role.value = role;
    row.text.value = content;
    row.role.addEventListener("change", () => tell("chosen"));
    row.text.addEventListener("input", () => tell("typing"));
    rows.push(row);
    list.append(row.item);
    return row;
  };
  const add = smallButton("Add a message", () => {
    const row = insert({ role: rows.at(-1)?.role.value === "user" ? "assistant" : "user", content: "" });
    number();
    row.text.focus();
    tell("typing");
  });
  const legend = element("legend", { class: "lab-control__label" }, label);
  const below = element("div", { class: "lab-messages__below" }, add, limits);
  const input = element("fieldset", { class: "lab-messages" }, legend, list, below);
  const put = (value: Value): void => {
    if (typeof value !== "object") throw new Error(`A conversation is a list of messages; this is ${String(value)}.`);
    rows = [];
    list.replaceChildren();
    for (const message of value) insert(message);
    number();
  };
  return { body: input, input, put };
}

function fields(longest: number, onRemove: () => void): Row {
  const role = element("select", { id: freshId() }, ...ROLES.map((name) => element("option", { value: name }, name)));
  const text = element("textarea", { id: freshId(), rows: "2", maxlength: String(longest), spellcheck: "false" });
  const remove = smallButton("Remove", onRemove);
  const head = element("div", { class: "lab-messages__head" }, role, remove);
  return { item: element("li", { class: "lab-messages__item" }, head, text), role, text, remove };
}
