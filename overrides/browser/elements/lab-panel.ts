/**
 * `<lab-panel>`: a lab on a page. It shows what the build recorded, and runs anew when the reader moves a control.
 *
 * Attributes: `lab` (its slug), `key` (the panel's place in the site), `label` (of what it shows: `recorded` or
 * `illustrative`), `controls` (their declarations, as JSON), `values` (the page's, as JSON), `action` (what its button
 * says, “Run” without it), `waits` (it runs when its button is pressed, and not when a control is moved).
 * Content, from the build: `.lab-panel__head`, `.lab-panel__values` if there are controls, and `.lab-panel__stage`
 * with `.lab-panel__recorded`.
 * Custom properties: those of styles/tokens.css.
 */

import type { Client } from "../runtime/client";
import type { Output } from "../runtime/messages";
import type { Run } from "../runtime/run";
import { Control, type Declaration, type Move } from "./controls";
import { element } from "./dom";
import { buildPanel, type PanelParts } from "./panel-parts";
import { type Picture, RunPicture, valuesOf } from "./panel-picture";
import { panelText, stoppedText, waitingText } from "./texts";
import { equal, same, type Value, type Values } from "./values";

/** How long a move waits for the next: a slider moves many times, a word has many letters. */
const WAIT_MS: Record<Move, number> = { moved: 150, typing: 600, chosen: 0 };
/** A run that is over sooner needs no word about being under way, unless its button is waited for. */
const UNNOTICED_MS = 300;

/** What a panel keeps while the reader is on another page. `run` made the picture that is shown; null: the page's own. */
interface Kept {
  values: Values;
  run: Run | null;
}

export class LabPanel extends HTMLElement {
  /** The one way to Python, shared by all elements; set when the module starts. */
  static client: Client;
  static #kept = new Map<string, Kept>();

  #parts: PanelParts | null = null;
  #values: Values = {};
  #picture: Picture | null = null;
  #next: RunPicture | null = null;
  #again = false;
  #abandoned: Run | null = null;
  #timer = 0;
  #begun = 0;
  #noticed = 0;
  #unfollow = new AbortController();

  connectedCallback(): void {
    if (this.#parts === null) this.#build();
    const { client } = LabPanel;
    const [kept, latest] = [LabPanel.#kept.get(this.key), client.latest(this.key)];
    if (kept === undefined) return;
    this.#values = { ...kept.values };
    for (const control of this.#needParts().controls) control.put(this.#value(control.name));
    if (kept.run !== null) void this.#swap(new RunPicture(kept.run, this.#label));
    const wanted = latest !== undefined && (latest.active || same(valuesOf(latest), this.#values));
    if (wanted && latest !== kept.run) {
      this.#follow(latest);
      this.#again = !this.#waits && latest.active && !same(valuesOf(latest), this.#values);
    } else if (!same(this.#values, kept.run === null ? this.#pageValues : valuesOf(kept.run))) {
      if (this.#waits) this.#needParts().status.say(waitingText(this.action, true));
      else this.#ask();
    }
  }

  disconnectedCallback(): void {
    this.#cancel();
    window.clearTimeout(this.#noticed);
    this.#unfollow.abort();
    this.#next?.stop();
  }

  /** The panel's place in the site. */
  get key(): string {
    return this.#need("key");
  }

  /** What the button that runs the lab says. */
  get action(): string {
    return this.getAttribute("action") ?? "Run";
  }

  /** Run the lab with the values that the controls show. */
  run(): void {
    this.#cancel();
    this.#ask();
  }

  /** Stop the panel's run, if it has one. */
  stop(): void {
    this.#again = false;
    const run = this.#next?.run;
    if (run === undefined || !run.active) return;
    const restarts = run.state === "running";
    LabPanel.client.stop(run);
    this.#needParts().status.say(stoppedText(restarts));
  }

  /** Put the page's own values and picture back. What still runs may end, but is not shown. */
  reset(): void {
    this.#cancel();
    this.#again = false;
    this.#values = { ...this.#pageValues };
    const parts = this.#needParts();
    for (const control of parts.controls) control.put(this.#value(control.name));
    const run = this.#next?.run ?? null;
    this.#abandoned = run;
    if (run?.state === "waiting") LabPanel.client.stop(run);
    parts.fault.hidden = true;
    this.#next?.element.remove();
    this.#place(parts.recorded);
    parts.status.say("The page's values are back.");
  }

  get #label(): string {
    return this.getAttribute("label") === "illustrative" ? "illustrative" : "live";
  }

  get #waits(): boolean {
    return this.hasAttribute("waits");
  }

  get #pageValues(): Values {
    return JSON.parse(this.#need("values")) as Values;
  }

  #need(attribute: string): string {
    const value = this.getAttribute(attribute);
    if (value === null) throw new Error(`<lab-panel> needs the attribute “${attribute}”.`);
    return value;
  }

  #needParts(): PanelParts {
    if (this.#parts === null) throw new Error("<lab-panel> was used before it was connected.");
    return this.#parts;
  }

  #value(name: string): Value {
    const value = this.#values[name];
    if (value === undefined) throw new Error(`The control “${name}” has no value on this page.`);
    return value;
  }

  #keep(): void {
    LabPanel.#kept.set(this.key, { values: { ...this.#values }, run: this.#picture?.run ?? null });
  }

  #build(): void {
    this.#values = { ...this.#pageValues };
    const declarations = JSON.parse(this.#need("controls")) as Declaration[];
    const controls = declarations.map(
      (declared) =>
        new Control(declared, this.#value(declared.name), (value, move) => this.#moved(declared.name, value, move)),
    );
    this.#parts = buildPanel(this, LabPanel.client, controls, this.#pageValues);
    this.#picture = this.#parts.recorded;
  }

  #moved(name: string, value: Value | null, move: Move): void {
    if (value === null) {
      this.#cancel();
      this.#needParts().status.say("Not run: a value is missing.");
      return;
    }
    this.#values[name] = value;
    this.#keep();
    this.#showStale();
    if (this.#waits) {
      if (this.#next?.run.active !== true) this.#sayWaiting();
      return;
    }
    // A slider on its way shows what it passes, so its moves don't put each other off; a word is not done at each letter.
    if (move === "moved" && this.#timer !== 0) return;
    this.#cancel();
    this.#timer = window.setTimeout(() => this.run(), WAIT_MS[move]);
  }

  /** Say that the values which the controls show wait for the button, or that they don't. */
  #sayWaiting(): void {
    const changed = this.#picture === null || !same(this.#picture.values, this.#values);
    this.#needParts().status.say(waitingText(this.action, changed));
  }

  /** Forget a run that was to begin in a moment. */
  #cancel(): void {
    window.clearTimeout(this.#timer);
    this.#timer = 0;
  }

  /** Ask for the picture of the values as they are now; while an older one is being computed, after that. */
  #ask(): void {
    const current = this.#next?.run;
    if (current?.state === "running") {
      // A second press on a button that is waited for is one too many: the run that it asks for goes on already.
      this.#again = !this.#waits || current === this.#abandoned || !same(valuesOf(current), this.#values);
      this.#show();
      return;
    }
    this.#unfollow.abort();
    if (current?.state === "waiting") LabPanel.client.stop(current);
    this.#keep();
    const call = { kind: "lab" as const, slug: this.#need("lab"), values: { ...this.#values } };
    this.#follow(LabPanel.client.run(this.key, call));
  }

  /** Show this run from its first output on, wherever it was started. */
  #follow(run: Run): void {
    this.#unfollow.abort();
    this.#unfollow = new AbortController();
    const { signal } = this.#unfollow;
    if (this.#next !== this.#picture && this.#next?.run.state !== "done") this.#next?.element.remove();
    const parts = this.#needParts();
    const next = new RunPicture(run, this.#label);
    next.seen = false;
    parts.stage.prepend(next.element);
    parts.progress.replaceChildren(next.progress);
    this.#again = false;
    this.#abandoned = null;
    this.#next = next;
    run.addEventListener(
      "output",
      (event) => {
        next.put((event as CustomEvent<Output[]>).detail);
        this.#show();
      },
      { signal },
    );
    run.addEventListener("change", () => this.#show(), { signal });
    LabPanel.client.addEventListener("boot", () => this.#show(), { signal });
    window.clearTimeout(this.#noticed);
    this.#noticed = window.setTimeout(() => this.#show(), UNNOTICED_MS);
    this.#begun = performance.now();
    this.#show();
  }

  #show(): void {
    const next = this.#next;
    if (next === null) return;
    const parts = this.#needParts();
    const { run } = next;
    const noticed = run.active && (this.#waits || performance.now() - this.#begun >= UNNOTICED_MS);
    this.dataset["state"] = run.state;
    if (!run.active && parts.stop === document.activeElement) parts.run.focus();
    parts.stop.hidden = !noticed;
    parts.progress.hidden = !noticed;
    parts.stage.setAttribute("aria-busy", String(run.active));
    next.tell();
    const dropped = run === this.#abandoned;
    if (noticed && !dropped) void next.reveal(() => this.#next === next && next.run !== this.#abandoned);
    this.#showStale();
    if (run.active) {
      parts.status.show(run, noticed ? panelText(run, this.action) : (parts.status.line.textContent ?? ""));
      return;
    }
    this.#unfollow.abort();
    parts.status.show(run, dropped ? "The page's values are back." : this.#said(run));
    if (!dropped) this.#end(next);
    if (this.#again) this.#ask();
  }

  /** What has become of a run, and what to press if the controls show other values by now. */
  #said(run: Run): string {
    const said = panelText(run, this.action);
    const changed = this.#waits && !this.#again && run.state === "done" && !same(valuesOf(run), this.#values);
    return changed ? `${said} ${waitingText(this.action, true)}` : said;
  }

  #end(next: RunPicture): void {
    const parts = this.#needParts();
    if (next.run.state === "done") {
      parts.fault.hidden = true;
      void this.#swap(next);
      return;
    }
    if (next.empty) next.element.remove();
    else next.seen = true;
    if (next.error !== null) this.#blame(next);
  }

  /** Say what was wrong: beside the control if the message names one, else below the buttons. */
  #blame({ error, values }: RunPicture): void {
    if (error === null) return;
    const parts = this.#needParts();
    const refused = error.ename === "ValueError";
    // Our messages begin with what is wrong: “temperature: expected …”, “Unknown prefix 'x': …”.
    const named: string[] = error.evalue.split(":")[0]?.match(/\w+/g) ?? [];
    const control = parts.controls.find(({ name }) => named.includes(name));
    if (refused && control !== undefined) {
      const said = capital(error.evalue.replace(`${control.name}: `, ""));
      if (equal(values[control.name], this.#values[control.name])) control.blame(said);
      parts.status.say(`Not run: see “${control.label}”.`);
      return;
    }
    if (refused) parts.status.say("Not run.");
    parts.fault.replaceChildren(element("p", {}, refused ? error.evalue : `${error.ename}: ${error.evalue}`));
    if (!refused) {
      const trace = element("pre", { tabindex: "0" }, error.traceback);
      parts.fault.append(element("details", {}, element("summary", {}, "Where it happened"), trace));
    }
    parts.fault.hidden = false;
  }

  /** Put a finished picture into the place of the one before, once it is drawn. */
  async #swap(next: RunPicture): Promise<void> {
    const { stage } = this.#needParts();
    if (!next.element.isConnected) stage.prepend(next.element);
    await next.drawn();
    const newer = this.#picture?.run ?? null;
    if (!next.element.isConnected || (newer !== null && newer.id > next.run.id)) return next.element.remove();
    this.#place(next);
  }

  #place(picture: Picture): void {
    const { recorded, stage } = this.#needParts();
    if (this.#picture !== null && this.#picture !== picture && this.#picture !== recorded) {
      this.#picture.element.remove();
    }
    recorded.element.hidden = picture !== recorded;
    if (picture instanceof RunPicture) picture.seen = true;
    else for (const other of [...stage.children]) if (other !== recorded.element) other.remove();
    this.#picture = picture;
    this.#keep();
    this.#showStale();
  }

  #showStale(): void {
    const picture = this.#picture;
    if (picture !== null) picture.stale = !same(picture.values, this.#values);
  }
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
