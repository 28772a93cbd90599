/**
 * One visit in Firefox: `node tests/bench/visit_firefox.mjs` reads a job as JSON (see visiting.py), starts the browser
 * with the job's profile, goes to the page, presses, and prints what the page's own clock says of it.
 */

import { text } from "node:stream/consumers";
import puppeteer from "puppeteer-core";

const job = JSON.parse(await text(process.stdin));
const pause = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));
const browser = await puppeteer.launch({
  browser: "firefox",
  executablePath: job.firefox,
  userDataDir: job.profile,
  headless: true,
  protocolTimeout: 600_000,
});
try {
  const page = await browser.newPage();
  await page.goto(job.url, { waitUntil: "load", timeout: 120_000 });
  await pause(job.settleMs);
  const found = await page.evaluate(`(${job.timed})(${JSON.stringify(job.pressed)})`);
  await pause(job.keepMs);
  console.log(JSON.stringify(found));
} finally {
  await browser.close();
}
