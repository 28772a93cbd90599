/** Text for the reader to take along: by the clipboard, or by hand where the browser keeps that shut. */

import { element } from "./dom";
import type { Notes } from "./notes";

/** Copy the text and call `done`; without a clipboard show it, selected, to be copied by hand. */
export async function copyText(text: string, notes: Notes, done: () => void): Promise<void> {
  notes.clear("copy");
  try {
    await navigator.clipboard.writeText(text);
    done();
  } catch {
    const field = element("textarea", {
      class: "lab-note__field",
      readonly: "",
      rows: "3",
      "aria-label": "Text to copy",
    });
    field.value = text;
    const close = { text: "Close", act: () => notes.clear("copy") };
    notes.show("copy", "This browser does not let the page copy. Here it is, to copy by hand:", [close], [field]);
    field.focus();
    field.select();
  }
}
