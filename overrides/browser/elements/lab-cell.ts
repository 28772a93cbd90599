/**
 * `<lab-cell>`: a code cell of the page that the reader edits and runs in the browser.
 *
 * Attributes: `page` (cells with the same value share their variables), `name` (of the cell in its page), `number`
 * (from 1, shown in tracebacks), `label` (of its outputs: `recorded` or `illustrative`), `raises` (set if the cell is
 * meant to end with an error).
 * Content, from the build: `.lab-cell__code`, and `.lab-cell__recorded` where the cell has recorded outputs.
 * Events, which bubble: `lab-edit` when the code has become another, `lab-link-settled` when the reader has
 * decided about code that came with a link.
 * Custom properties: those of styles/tokens.css.
 */

import type { Client } from "../runtime/client";
import type { Output } from "../runtime/messages";
import type { Run } from "../runtime/run";
import { CellCode } from "./cell-code";
import { buildParts, KEYS, type Parts } from "./cell-parts";
import { CellWork } from "./cell-work";
import { copyText } from "./clipboard";
import type { Notes } from "./notes";
import { cellsOf, runInOrder } from "./page-runs";
import { copyLink, expectLink } from "./shared-link";

/** After these the variables of earlier cells are gone. */
const LOST = ["stopped", "crashed", "dropped"];

export class LabCell extends HTMLElement {
  /** The one way to Python, shared by all cells; set when the module starts. */
  static client: Client;

  #run: Run | null = null;
  #made: { parts: Parts; code: CellCode; work: CellWork } | null = null;
  #unfollow = new AbortController();

  connectedCallback(): void {
    this.#made ??= this.#build();
    this.#made.work.start();
    const known = LabCell.client.latest(this.key);
    if (known !== undefined) this.#follow(known);
    expectLink();
  }

  disconnectedCallback(): void {
    this.#unfollow.abort();
    const { parts, work, code } = this.#whole;
    parts.output.stop();
    work.stop();
    code.close();
  }

  get client(): Client {
    return LabCell.client;
  }

  get page(): string {
    return this.#need("page");
  }

  get name(): string {
    return this.#need("name");
  }

  /** The cell's place in the site: its page and its name there. */
  get key(): string {
    return `${this.page}#${this.name}`;
  }

  /** The code as it stands in the page. Setting it counts as an edit of the reader's. */
  get source(): string {
    return this.#whole.code.source;
  }

  set source(source: string) {
    const { code, work } = this.#whole;
    code.source = source;
    work.edited();
  }

  /** Whether the code is not the author's. */
  get changed(): boolean {
    return this.#whole.work.changed;
  }

  /** Where the cell tells its reader something. */
  get notes(): Notes {
    return this.#whole.parts.notes;
  }

  /** Run the cell's code; a second call queues a second run. */
  run(): Run {
    const { page, source } = this;
    const run = this.client.run(this.key, { kind: "cell", page, cell: this.#need("number"), source });
    this.#whole.code.mark(null);
    this.#follow(run);
    return run;
  }

  /** Stop the cell's run, if it has one. */
  stop(): void {
    if (this.#run !== null) this.client.stop(this.#run);
  }

  /** Show code that came with a link; it is neither run nor kept unless the reader says so. */
  async openLinked(source: string): Promise<void> {
    await this.#whole.work.openLinked(source);
  }

  /** Bring the reader to a line of the code. */
  async goTo(line: number): Promise<void> {
    await this.#whole.code.goTo(line);
  }

  get #whole(): { parts: Parts; code: CellCode; work: CellWork } {
    if (this.#made === null) throw new Error("<lab-cell> was used before it was connected.");
    return this.#made;
  }

  #need(attribute: string): string {
    const value = this.getAttribute(attribute);
    if (value === null) throw new Error(`<lab-cell> needs the attribute “${attribute}”.`);
    return value;
  }

  #build(): { parts: Parts; code: CellCode; work: CellWork } {
    const place = this.querySelector<HTMLElement>(".lab-cell__code");
    if (place === null) throw new Error(`Cell ${this.name} has no .lab-cell__code.`);
    const number = this.#need("number");
    const say = (text: string): void => parts.status.say(text);
    const parts = buildParts(this, place, number, {
      run: () => this.run(),
      stop: () => this.stop(),
      reset: () => work.reset(),
      runAbove: () => this.#runAbove(),
      runAll: () => runInOrder(this.client, cellsOf(this.page)),
      bringBack: () => work.bringBack(),
      copy: () => void copyText(this.source, parts.notes, () => say("Code copied.")),
      share: () => void copyLink(this.page, parts.notes, say),
      goTo: (cell, line) => void this.#goToCell(cell, line),
      offers: () => ({
        above: this.#above().length > 0,
        all: cellsOf(this.page).length > 1,
        bringBack: work.hasReplaced,
      }),
    });
    const code = new CellCode(place, {
      label: `Code of cell ${number}`,
      keys: KEYS,
      onEdit: () => work.edited(),
      onRun: () => this.run(),
      onTrouble: () => say("The editor could not be loaded. Check your connection and try again."),
    });
    const work = new CellWork({
      key: this.key,
      code,
      notes: parts.notes,
      onChange: () => this.#showChanged(),
      onSettled: () => this.#tell("lab-link-settled"),
    });
    return { parts, code, work };
  }

  #above(): LabCell[] {
    const cells = cellsOf(this.page);
    return cells.slice(0, cells.indexOf(this));
  }

  #runAbove(): void {
    const { again, run, status } = this.#whole.parts;
    if (again === document.activeElement) run.focus();
    again.hidden = true;
    this.#unfollow.abort();
    runInOrder(this.client, this.#above());
    status.say("Running the cells above. This one waits for you.");
  }

  async #goToCell(number: string, line: number): Promise<void> {
    const cell = cellsOf(this.page).find((other) => other.getAttribute("number") === number);
    if (cell === undefined) this.#whole.parts.status.say(`This page has no cell ${number}.`);
    else await cell.goTo(line);
  }

  #tell(event: string): void {
    this.dispatchEvent(new CustomEvent(event, { bubbles: true }));
  }

  #showChanged(): void {
    const { parts, work } = this.#whole;
    if (!work.changed && parts.reset === document.activeElement) parts.run.focus();
    parts.reset.hidden = !work.changed;
    this.#tell("lab-edit");
  }

  /** Show this run from its first output on, wherever it was started. */
  #follow(run: Run): void {
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    this.#run = run;
    const { output } = this.#whole.parts;
    output.clear();
    output.append(run.outputs);
    run.addEventListener("output", (event) => output.append((event as CustomEvent<Output[]>).detail), { signal });
    run.addEventListener("change", () => this.#show(run), { signal });
    this.client.addEventListener("boot", () => this.#show(run), { signal });
    this.#show(run);
  }

  #show(run: Run): void {
    const { parts } = this.#whole;
    const started = run.state !== "waiting" && run.state !== "failed" && run.state !== "dropped";
    this.dataset["state"] = run.state;
    if (parts.stop === document.activeElement && !run.active) parts.run.focus();
    parts.stop.hidden = !run.active;
    parts.again.hidden = !LOST.includes(run.state) || this.#above().length === 0;
    parts.status.show(run);

    // The recorded output stays until there is something to put in its place.
    const replaced = started && run.state !== "running" ? true : run.outputs.length > 0;
    const recorded = this.querySelector<HTMLElement>(".lab-cell__recorded");
    if (recorded !== null) recorded.hidden = replaced;
    parts.live.hidden = !replaced;
    parts.live.dataset["state"] = run.state;
    parts.made.textContent = run.active ? "running here, now" : "ran here, in your browser";
    if (run.active) return;
    parts.output.flush();
    this.#markError(run);
  }

  /** Mark the line at which the run failed, as long as the code is the one that ran. */
  #markError({ call, outputs }: Run): void {
    if (call.kind !== "cell" || call.source !== this.source) return;
    let line: number | null = null;
    for (const output of outputs) if (output.output_type === "error") line = output.line;
    this.#whole.code.mark(line);
  }
}
