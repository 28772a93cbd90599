/** Kinds of Python words as classes, in the groups that the theme colours static code by. */

import { tags as t, tagHighlighter } from "@lezer/highlight";

export const highlighter = tagHighlighter([
  { tag: [t.keyword, t.modifier, t.meta], class: "hl-keyword" },
  { tag: [t.operator, t.operatorKeyword], class: "hl-operator" },
  { tag: t.punctuation, class: "hl-punctuation" },
  { tag: t.string, class: "hl-string" },
  { tag: t.escape, class: "hl-special" },
  { tag: t.number, class: "hl-number" },
  { tag: t.comment, class: "hl-comment" },
  { tag: [t.function(t.definition(t.variableName)), t.definition(t.className)], class: "hl-function" },
]);
