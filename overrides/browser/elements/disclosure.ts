/** A button that folds out a list of further buttons. Escape, leaving it, or choosing one folds it in again. */

import { element } from "./dom";

/** `label` is the button's name for who can't see where it stands; `onOpen` is called before the list shows. */
export function disclosure(text: string, label: string, content: HTMLElement[], onOpen?: () => void): HTMLElement {
  const button = element(
    "button",
    { type: "button", class: "lab-button lab-menu__button", "aria-label": label, "aria-expanded": "false" },
    text,
  );
  const panel = element("div", { class: "lab-menu__panel" }, ...content);
  const menu = element("div", { class: "lab-menu" }, button, panel);
  let outside = new AbortController();
  const fold = (open: boolean): void => {
    panel.hidden = !open;
    button.setAttribute("aria-expanded", String(open));
    outside.abort();
    if (!open) return;
    outside = new AbortController();
    const leave = (event: Event): void => {
      if (event.target instanceof Node && !menu.contains(event.target)) fold(false);
    };
    document.addEventListener("pointerdown", leave, { signal: outside.signal });
    document.addEventListener("focusin", leave, { signal: outside.signal });
  };
  fold(false);
  button.addEventListener("click", () => {
    const open = panel.hidden !== false;
    if (open) onOpen?.();
    fold(open);
  });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || panel.hidden) return;
    event.stopPropagation();
    fold(false);
    button.focus();
  });
  // Fold in first: whatever the chosen button does with the focus comes after.
  panel.addEventListener(
    "click",
    (event) => {
      if (!(event.target instanceof HTMLButtonElement)) return;
      fold(false);
      button.focus();
    },
    { capture: true },
  );
  return menu;
}
