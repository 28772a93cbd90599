/**
 * The smoke set in Firefox: `node tests/browser/firefox_smoke.mjs FIREFOX SITE SOURCES` starts one browser, reads the
 * lab as a reader would, and prints one line of JSON: what was found at each step, and what must not happen on any page.
 * SOURCES is a JSON list of code for cells, each of which is run; their output is told.
 */

import puppeteer from "puppeteer-core";

const [executablePath, site, sources] = process.argv.slice(2);
if (sources === undefined) throw new Error("Usage: firefox_smoke.mjs FIREFOX SITE SOURCES");
const LAB = `${site}/labs/base_simulator/`;
const BOOT_MS = 120_000;
const STREAM = "import time\nfor n in range(5):\n    print('line', n)\n    time.sleep(0.6)";

const faults = [];
const steps = {};
let stopping = false;
const browser = await puppeteer.launch({ browser: "firefox", executablePath, headless: true });
try {
  const page = await browser.newPage();
  page.setDefaultTimeout(BOOT_MS);
  page.on("console", (message) => message.type() === "error" && faults.push(`console: ${message.text()}`));
  page.on("pageerror", ({ message }) => {
    // Firefox itself says this of a worker that is ended inside an async call of Pyodide, of a bare one too.
    if (stopping && message === "uncaught exception: undefined") return;
    faults.push(`uncaught: ${message}`);
  });
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(site) && !/^(data|blob|about|resource):/.test(url)) faults.push(`foreign request: ${url}`);
  });

  const cells = (tell, ...rest) =>
    page.evaluate(
      (code, given) => {
        const cell = [...document.querySelectorAll("lab-cell:not(lab-exercise lab-cell)")][given[0] - 1];
        return new Function("cell", "given", code)(cell, given);
      },
      tell,
      rest,
    );
  const put = (number, source) =>
    cells('cell.querySelector(".lab-cell__code code").textContent = given[1]', number, source);
  const press = (button, number) => page.click(`button[aria-label="${button} cell ${number}"]`);
  const log = (number) => cells('return cell.querySelector("[role=log]").textContent', number);
  const status = (number) => cells('return cell.querySelector("[role=status]").textContent', number);
  const state = (number) => cells("return cell.dataset.state ?? null", number);
  const until = async (what, asked, milliseconds = BOOT_MS) => {
    const end = performance.now() + milliseconds;
    for (;;) {
      if (await asked()) return;
      if (performance.now() > end) {
        throw new Error(`${what} did not come; cell 1 is ${await state(1)}: ${await status(1)}; ${faults.join("; ")}`);
      }
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const ended = (number, wanted = "done", milliseconds = BOOT_MS) =>
    until(`${wanted} of cell ${number}`, async () => (await state(number)) === wanted, milliseconds);
  const run = async (number, source) => {
    await put(number, source);
    await press("Run", number);
    await ended(number);
    return (await log(number)).trim();
  };
  const follow = async (link, heading) => {
    await page.evaluate((text) => {
      const links = [...document.querySelectorAll(".md-nav--primary a.md-nav__link")];
      const found = links.find((one) => one.textContent.trim() === text);
      if (found === undefined) throw new Error(`No link “${text}” in the navigation.`);
      found.click();
    }, link);
    await until(heading, () =>
      page.evaluate((text) => document.querySelector("h1")?.textContent.includes(text) ?? false, heading),
    );
  };

  await page.goto(LAB, { waitUntil: "load" });
  await until("the Run button", async () => (await page.$('button[aria-label="Run cell 1"]')) !== null);

  // Boot and run.
  steps.printed = await run(1, "import sys, numpy\nkept = 41\nprint('hello from', sys.platform, 6 * 7)");
  steps.label = await cells('return cell.querySelector(".lab-cell__live .lab-label").textContent', 1);
  steps.recordedHidden = await cells('return cell.querySelector(".lab-cell__recorded").hidden', 1);

  // The kernels.
  steps.sources = [];
  for (const source of JSON.parse(sources)) steps.sources.push(await run(1, source));
  steps.about = await page.evaluate(() => document.querySelector(".lab-about p").textContent);

  // Output streams: what the log holds when its first line is there, and while the cell still runs.
  await put(2, STREAM);
  await press("Run", 2);
  await until("the first line", async () => (await log(2)).includes("line 0"));
  steps.streaming = { state: await state(2), log: await log(2) };
  await ended(2);
  steps.streamed = (await log(2)).trim().split("\n");

  // Rich output: a chart, drawn in the page.
  await put(
    3,
    "from labs.base_simulator.lab import run\nfrom labs.core.contract import show\nshow(run('Is it safe to', 1.0, 50, 7))",
  );
  await press("Run", 3);
  await ended(3);
  await until("a chart", () => cells('return cell.querySelector("[role=log] figure svg") !== null', 3));
  steps.chart = true;

  // Stop, and usable again.
  await put(2, "print('begun')\nwhile True: pass");
  await press("Run", 2);
  await until("the beginning", async () => (await log(2)).includes("begun"));
  await new Promise((resolve) => setTimeout(resolve, 6000)); // the standby warms up
  const pressed = performance.now();
  stopping = true;
  await press("Stop", 2);
  await ended(2, "stopped", 5000);
  steps.stopSeconds = (performance.now() - pressed) / 1000;
  steps.stopped = { log: (await log(2)).trim(), status: await status(2) };
  stopping = false;
  steps.usable = await run(1, "print('kept' in globals())");

  // Navigation: the same document, the same Python.
  await run(1, "kept = 41");
  await page.evaluate(() => Object.assign(globalThis, { sameDocument: true }));
  await follow("Glossary", "Glossary");
  await follow("The base simulator", "The base simulator");
  steps.sameDocument = await page.evaluate(() => globalThis.sameDocument === true);
  steps.variable = await run(2, "print(kept + 1)");

  // A panel: a moved control draws a new picture.
  await page.evaluate(() => {
    const slider = document.querySelector("lab-panel input[type=range]");
    slider.value = "0.5";
    slider.dispatchEvent(new Event("input", { bubbles: true }));
  });
  await until("the panel's run", () =>
    page.evaluate(() => document.querySelector("lab-panel").dataset.state === "done"),
  );
  await until("the panel's picture", () =>
    page.evaluate(() => document.querySelector(".lab-panel__picture:not([data-unseen]) figure svg") !== null),
  );
  steps.panel = await page.evaluate(
    () => document.querySelector(".lab-panel__picture:not([data-unseen]) figcaption").textContent,
  );

  // Edits: what is typed is found again after a reload.
  const edited = () => page.evaluate(() => document.querySelector("lab-cell[number='4']").source);
  await page.click("lab-cell[number='4'] .lab-cell__code pre");
  await until("the editor", () =>
    page.evaluate(() => document.activeElement?.closest("lab-cell")?.getAttribute("number") === "4"),
  );
  await until("the typed text", async () => {
    await page.keyboard.type("#");
    return (await edited()).includes("#");
  });
  await until("the saved edit", () =>
    page.evaluate(() => Object.keys(localStorage).some((key) => key.startsWith("lab-edits:"))),
  );
  const typed = await edited();
  await page.reload({ waitUntil: "load" });
  await until("the edit after the reload", async () => (await edited()) === typed);
  steps.editKept = true;
} catch (error) {
  steps.broken = String(error?.stack ?? error);
} finally {
  await browser.close();
}
console.log(JSON.stringify({ steps, faults }));
