/**
 * HTML that came out of code, kept apart from the page. Scripts, handlers, forms, frames and everything that would
 * fetch from elsewhere are taken out; the rest lives in a shadow tree, so that its styles end there, in a box it can't
 * leave. The sanitizer is loaded with the first such output.
 */

import type { DOMPurify } from "dompurify";
import outputStyles from "../styles/output.css";
import { element } from "./dom";
import { reachable } from "./lab-wide";

const LOCAL = /^(?:data:image\/(?:png|jpeg|gif|webp|svg\+xml)[;,]|#)/i;
const FETCHING_STYLE = /url\s*\(|@import|image-set\s*\(|src\s*\(/i;
let sheet: CSSStyleSheet | null = null;
let purifier: Promise<DOMPurify> | null = null;

export function isolated(html: string): HTMLElement {
  const host = element("div", { class: "lab-html", "data-drawing": "" });
  reachable(host);
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [styles()];
  purifier ??= loadPurifier();
  purifier
    .then((purify) => root.replaceChildren(clean(purify, html)))
    .catch((error: unknown) => {
      purifier = null;
      root.replaceChildren(
        element("p", { class: "lab-notice" }, `This HTML output could not be shown safely: ${String(error)}`),
      );
    })
    .finally(() => host.removeAttribute("data-drawing"));
  return host;
}

function styles(): CSSStyleSheet {
  if (sheet === null) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(outputStyles);
  }
  return sheet;
}

async function loadPurifier(): Promise<DOMPurify> {
  const { default: purify } = await import("dompurify");
  purify.addHook("uponSanitizeAttribute", (node, attribute) => {
    const { attrName: name, attrValue: value } = attribute;
    const link = name === "href" && node.nodeName.toLowerCase() === "a";
    const address = ["href", "src", "srcset", "xlink:href", "poster", "background", "data", "action"].includes(name);
    if (address && !link && !LOCAL.test(value.trim())) attribute.keepAttr = false;
    if (!address && FETCHING_STYLE.test(value) && !/^url\(["']?#/.test(value.trim())) attribute.keepAttr = false;
  });
  purify.addHook("uponSanitizeElement", (node, { tagName }) => {
    if (tagName === "style" && FETCHING_STYLE.test(node.textContent ?? "")) node.textContent = "";
  });
  purify.addHook("afterSanitizeAttributes", (node) => {
    if (node.nodeName.toLowerCase() !== "a" || !node.hasAttribute("href")) return;
    node.setAttribute("rel", "noopener noreferrer");
    node.setAttribute("target", "_blank");
  });
  return purify;
}

function clean(purify: DOMPurify, html: string): DocumentFragment {
  return purify.sanitize(html, {
    RETURN_DOM_FRAGMENT: true,
    FORBID_TAGS: ["form", "iframe", "object", "embed", "base", "link", "meta", "audio", "video", "source"],
    FORBID_ATTR: ["autofocus", "ping"],
    ADD_TAGS: ["style"],
    FORCE_BODY: true,
  });
}
