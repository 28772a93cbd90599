/**
 * The editor: CodeMirror with Python, loaded when a reader first goes into the code of a cell. It lives in a shadow
 * tree with style sheets of its own: a strict content policy allows them, and they outlast instant navigation,
 * which clears what scripts have put into the head of the page.
 */

import { closeBrackets, closeBracketsKeymap } from "@codemirror/autocomplete";
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { pythonLanguage } from "@codemirror/lang-python";
import { bracketMatching, indentOnInput, indentUnit, syntaxHighlighting } from "@codemirror/language";
import { Annotation, EditorSelection, EditorState, StateEffect, StateField } from "@codemirror/state";
import { Decoration, type DecorationSet, EditorView, highlightSpecialChars, keymap } from "@codemirror/view";
import { element } from "../elements/dom";
import editorStyles from "../styles/editor.css";
import { highlighter } from "./highlighter";

export interface EditorOptions {
  source: string;
  label: string;
  description: string;
  /** Called when the reader has changed the code; not for code that is set. */
  onEdit(): void;
  onRun(): void;
}

const bySet = Annotation.define<boolean>();
const markLine = StateEffect.define<number | null>();
const marked = Decoration.line({ class: "cm-marked" });

/** The marked line: it moves with the text, and an edit takes it away. */
const mark = StateField.define<DecorationSet>({
  create: () => Decoration.none,
  update(decorations, { docChanged, effects, state }) {
    let next = docChanged ? Decoration.none : decorations;
    for (const effect of effects) {
      if (!effect.is(markLine)) continue;
      const place = effect.value === null ? null : lineStart(state, effect.value);
      next = place === null ? Decoration.none : Decoration.set(marked.range(place));
    }
    return next;
  },
  provide: (field) => EditorView.decorations.from(field),
});

/** Where a line begins; null if the code has no such line. */
function lineStart(state: EditorState, line: number): number | null {
  return line >= 1 && line <= state.doc.lines ? state.doc.line(line).from : null;
}

export class Editor {
  readonly host = element("div", { class: "lab-editor" });
  #view: EditorView;

  constructor({ source, label, description, onEdit, onRun }: EditorOptions) {
    const root = this.host.attachShadow({ mode: "open" });
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(editorStyles);
    root.adoptedStyleSheets = [sheet];
    root.append(element("p", { id: "keys", hidden: "" }, description));
    const run = (): boolean => {
      onRun();
      return true;
    };
    this.#view = new EditorView({
      root,
      parent: root,
      state: EditorState.create({
        doc: source,
        extensions: [
          // Tab has no binding: it moves on to the next control, as everywhere else on the page.
          keymap.of([
            { key: "Shift-Enter", run },
            { key: "Mod-Enter", run },
            ...closeBracketsKeymap,
            ...defaultKeymap,
            ...historyKeymap,
          ]),
          history(),
          pythonLanguage,
          syntaxHighlighting(highlighter),
          indentUnit.of("    "),
          EditorState.tabSize.of(4),
          EditorState.lineSeparator.of("\n"),
          indentOnInput(),
          bracketMatching(),
          closeBrackets(),
          // Invisible and direction-changing characters are shown: code from a link is read before it runs.
          highlightSpecialChars(),
          mark,
          EditorView.contentAttributes.of({
            "aria-label": label,
            "aria-describedby": "keys",
            tabindex: "0",
            autocapitalize: "off",
            autocorrect: "off",
            spellcheck: "false",
          }),
          EditorView.updateListener.of(({ docChanged, transactions }) => {
            if (docChanged && !transactions.some((transaction) => transaction.annotation(bySet))) onEdit();
          }),
        ],
      }),
    });
  }

  get source(): string {
    return this.#view.state.doc.toString();
  }

  set source(source: string) {
    const { length } = this.#view.state.doc;
    this.#view.dispatch({ changes: { from: 0, to: length, insert: source }, annotations: bySet.of(true) });
  }

  get focused(): boolean {
    return this.#view.hasFocus;
  }

  focus(): void {
    this.#view.focus();
  }

  select(anchor: number, head: number): void {
    const { length } = this.#view.state.doc;
    this.#view.dispatch({ selection: EditorSelection.range(Math.min(anchor, length), Math.min(head, length)) });
  }

  /** Mark a line, or none if null. With `go` the caret goes there too, and the line comes into view. */
  mark(line: number | null, go = false): void {
    const place = line === null ? null : lineStart(this.#view.state, line);
    this.#view.dispatch({ effects: markLine.of(line) });
    if (!go || place === null) return;
    this.#view.dispatch({ selection: { anchor: place }, effects: EditorView.scrollIntoView(place, { y: "center" }) });
  }

  destroy(): void {
    this.#view.destroy();
    this.host.remove();
  }
}
