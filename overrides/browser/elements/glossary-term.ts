/**
 * What a term means, shown at the link that names it: `a.glossary-term`, written by overrides/hooks/terms.py.
 *
 * The link's `title` holds the meaning, which is all that a browser without JavaScript needs. At the first touch it
 * becomes the link's description, so that nothing shows or says it twice. Pointer and keyboard show it and Escape takes
 * it away; the pointer may move onto it. A finger's first tap shows it, with a link, and the second one follows.
 * It listens to the document, so that pages which come by instant navigation need nothing.
 */

import { element } from "./dom";

const ID = "glossary-tip";
const SHOW_MS = 120;
const HIDE_MS = 250;
const EDGE_PX = 8;

let term: HTMLAnchorElement | null = null;
let tip: HTMLElement | null = null;
let timer = 0;
let touched = false;

function termOf(target: EventTarget | null): HTMLAnchorElement | null {
  return target instanceof Element ? target.closest<HTMLAnchorElement>("a.glossary-term") : null;
}

function within(target: EventTarget | null): boolean {
  return target instanceof Node && tip !== null && tip.contains(target);
}

function later(act: () => void, wait: number): void {
  clearTimeout(timer);
  timer = window.setTimeout(act, wait);
}

/** A link's meaning, which the browser from now on no longer shows by itself. */
function meaning(link: HTMLAnchorElement): string {
  const { title } = link;
  if (title === "") return link.getAttribute("aria-description") ?? "";
  link.removeAttribute("title");
  link.setAttribute("aria-description", title);
  return title;
}

function hide(): void {
  clearTimeout(timer);
  term?.removeAttribute("aria-describedby");
  tip?.remove();
  term = tip = null;
}

function show(link: HTMLAnchorElement, more = false): void {
  if (link === term && tip?.isConnected) return;
  hide();
  const box = element(
    "div",
    { class: "glossary-tip__box" },
    element("span", { id: ID, role: "tooltip" }, meaning(link)),
  );
  if (more) box.append(" ", element("a", { href: link.href }, "Glossary"));
  term = link;
  tip = element("div", { class: "glossary-tip" }, box);
  (link.closest("article") ?? document.body).append(tip);
  link.setAttribute("aria-describedby", ID);
  place();
}

/** Below the link, or above it where there is more room, and never beyond an edge of the window. */
function place(): void {
  if (term === null || tip === null) return;
  if (!term.isConnected) return hide();
  const { clientWidth, clientHeight } = document.documentElement;
  const { top, bottom } = term.getBoundingClientRect();
  const line = term.getClientRects()[0];
  tip.style.maxHeight = "";
  const below = clientHeight - bottom - EDGE_PX;
  const above = top - EDGE_PX;
  const under = tip.offsetHeight <= below || below >= above;
  tip.style.maxHeight = `${Math.max(under ? below : above, 0)}px`;
  const left = (line?.left ?? 0) - EDGE_PX;
  tip.style.left = `${Math.max(EDGE_PX, Math.min(left, clientWidth - EDGE_PX - tip.offsetWidth))}px`;
  tip.style.top = `${under ? bottom : top - tip.offsetHeight}px`;
}

function over(event: PointerEvent): void {
  if (event.pointerType === "touch") return;
  const link = termOf(event.target);
  if (link !== null) meaning(link);
  if (within(event.target) || (link !== null && link === term)) clearTimeout(timer);
  else if (link !== null) later(() => show(link), SHOW_MS);
  else if (term === null) clearTimeout(timer);
  else if (document.activeElement !== term) later(hide, HIDE_MS);
}

function down(event: PointerEvent): void {
  touched = event.pointerType === "touch";
  if (term !== null && !within(event.target) && termOf(event.target) !== term) hide();
}

function click(event: MouseEvent): void {
  const link = termOf(event.target);
  if (link !== null && touched && event.detail > 0 && link !== term) {
    event.preventDefault();
    event.stopPropagation(); // or instant navigation would follow the link
    show(link, true);
  } else if (link !== null || (within(event.target) && event.target instanceof HTMLAnchorElement)) {
    setTimeout(hide); // a link that has left the page is not followed
  }
}

function focus(event: FocusEvent): void {
  const link = termOf(event.target);
  if (link?.matches(":focus-visible")) show(link);
  else if (link === null && !within(event.target)) hide();
}

function key(event: KeyboardEvent): void {
  if (event.key !== "Escape" || !tip?.isConnected) return;
  event.preventDefault();
  event.stopPropagation();
  hide();
}

/** Show meanings from now on, on this page and on those that follow. */
export function watchTerms(): void {
  document.addEventListener("pointerover", over);
  document.addEventListener("pointerdown", down, { capture: true });
  document.addEventListener("click", click, { capture: true });
  document.addEventListener("focusin", focus);
  document.addEventListener("keydown", key, { capture: true });
  document.addEventListener("scroll", place, { capture: true, passive: true });
  window.addEventListener("resize", place);
}
