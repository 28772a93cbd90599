/** Downloads are asked for at once and counted, and what is wrong with one is said by the file's name. */

import assert from "node:assert/strict";
import { createHash } from "node:crypto";
import { beforeEach, test } from "node:test";
import { gzipSync } from "node:zlib";
import { badAnswer, DownloadError, Downloads, diagnose } from "../../overrides/browser/runtime/download";
import type { BootFailure } from "../../overrides/browser/runtime/messages";
import { answer, runtimeFile, stub } from "./fakes";

const hash = (content: string | Uint8Array): string => createHash("sha256").update(content).digest("base64");
const sha256 = hash("1234");
const WASM = runtimeFile("https://site.test/r/python.wasm", 10, "application/wasm", {
  sha256: hash("0123456789"),
});
const SCRIPT = runtimeFile("https://site.test/r/python.mjs", 4, "text/javascript", { sha256 });
const WHEEL = runtimeFile("https://site.test/r/a.whl", 4, "application/zip", { sha256 });
const LATER = runtimeFile("https://site.test/r/later.whl", 4, "application/zip", { sha256 });
const LARGE_TEXT = "large ".repeat(50_000);
const PACKED = new Uint8Array(gzipSync(LARGE_TEXT));
const LARGE = runtimeFile("https://site.test/r/large.whl", LARGE_TEXT.length, "application/zip", {
  sha256: hash(LARGE_TEXT),
  wire: PACKED.byteLength,
  gzip: PACKED.byteLength,
});

interface Asked {
  url: string;
  init: RequestInit | undefined;
}

/** Downloads over answers made up by the test, with all that they tell. */
class Watched {
  readonly told: [number, number][] = [];
  readonly asked: Asked[] = [];
  readonly downloads: Downloads;

  constructor(give: (url: string) => Response | Promise<Response>, files = [WASM, SCRIPT, WHEEL], fresh = false) {
    const real = async (input: unknown, init?: RequestInit): Promise<Response> => {
      const url = input instanceof Request ? input.url : String(input);
      this.asked.push({ url, init });
      return give(url);
    };
    const onProgress = (loaded: number, total: number): unknown => this.told.push([loaded, total]);
    this.downloads = new Downloads(files, [LATER], onProgress, fresh, real as typeof fetch);
  }

  /** Start and read; expect both what is read and the whole to fail alike. */
  async fails(url: string): Promise<BootFailure> {
    const failure = await this.downloads.fetch(url).then(() => assert.fail("it came"), expectDownloadError);
    this.downloads.start(url);
    assert.deepEqual(await this.downloads.whole().then(() => assert.fail("whole"), expectDownloadError), failure);
    return failure;
  }
}

function expectDownloadError(error: unknown): BootFailure {
  assert.ok(error instanceof DownloadError, String(error));
  return error.failure;
}

const wheel = (content: string | null = "1234", headers: Record<string, string> = {}): Response =>
  new Response(content, { headers: { "Content-Type": "application/zip", ...headers } });

beforeEach(() => stub({ location: { href: "https://site.test/labs/one/" } }));

test("what was started is asked for at once, and handed out once", async () => {
  const watched = new Watched(() => wheel());
  watched.downloads.start(WHEEL.url);
  assert.equal(watched.asked.length, 1);
  await watched.downloads.whole();
  const response = await watched.downloads.fetch(WHEEL.url, { integrity: "sha256-x" });
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.equal(await response.text(), "1234");
  assert.equal(watched.asked.length, 1);
  await watched.downloads.fetch(WHEEL.url);
  assert.equal(watched.asked.length, 2);
});

test("a stream is handed on as it came, and counted", async () => {
  const headers = { "Content-Type": "application/wasm; charset=binary" };
  const sent = new Response("0123456789", { headers });
  const watched = new Watched(() => sent);
  const response = await watched.downloads.stream(WASM.url);
  assert.equal(response, sent, "another object would lose the browser's cache of compiled code");
  assert.equal(await response.text(), "0123456789");
  await watched.downloads.whole();
  assert.deepEqual(watched.told.at(-1), [10, 18]);
});

test("a stream that is cut short or damaged fails the whole", async () => {
  for (const [content, said] of [
    ["0123", /arrived incomplete/],
    ["0123456780", /arrived damaged/],
  ] as const) {
    const watched = new Watched(() => answer(content, "application/wasm"));
    const response = watched.downloads.stream(WASM.url);
    const whole = watched.downloads.whole(); // waited for before there is an answer
    await response;
    const failure = await whole.then(() => assert.fail("whole"), expectDownloadError);
    assert.match(failure.what, said);
  }
});

test("progress counts bytes on the way, and reaches its total", async () => {
  const half = runtimeFile("https://site.test/r/half.whl", 4, "application/zip", { sha256, wire: 1 });
  const watched = new Watched((url) => wheel("1234", url === half.url ? { "Content-Length": "2" } : {}), [half, WHEEL]);
  watched.downloads.start(half.url);
  watched.downloads.start(WHEEL.url);
  await watched.downloads.whole();
  assert.deepEqual(watched.told.at(-1), [6, 6], "2, as the answer says, and 4, as the build says");
  assert.ok(watched.told.every(([loaded, total]) => loaded <= total));
});

test("a file is known by a relative address, a URL or a Request", async () => {
  for (const input of ["/r/a.whl", "../../r/a.whl", new URL(WHEEL.url), new Request(WHEEL.url)]) {
    const watched = new Watched(() => wheel());
    assert.equal(await (await watched.downloads.fetch(input)).text(), "1234");
    assert.deepEqual(watched.told, [[4, 18]]);
  }
});

test("what comes later is watched too, but is no part of the start", async () => {
  const watched = new Watched(() => wheel());
  assert.equal(await (await watched.downloads.fetch(LATER.url)).text(), "1234");
  assert.deepEqual(watched.told, []);
  const bad = new Watched(() => wheel("12"));
  const failure = await bad.downloads.fetch(LATER.url).then(() => assert.fail("it came"), expectDownloadError);
  assert.equal(failure.file, "later.whl");
  await bad.downloads.whole();
});

test("other addresses pass through, whatever comes back", async () => {
  const watched = new Watched(() => answer("nothing of ours", "text/plain", 404));
  for (const url of ["https://site.test/elsewhere", `${WHEEL.url}.txt`]) {
    const init = { method: "POST" };
    assert.equal(await (await watched.downloads.fetch(url, init)).text(), "nothing of ours");
    assert.deepEqual(watched.asked.at(-1), { url, init });
  }
  assert.deepEqual(watched.told, []);
});

test("only a fresh start passes the browser's cache over", async () => {
  for (const fresh of [false, true]) {
    const watched = new Watched(() => wheel(), [WHEEL], fresh);
    await watched.downloads.fetch(WHEEL.url);
    assert.equal(watched.asked[0]?.init?.cache, fresh ? "reload" : undefined);
  }
});

test("a wrong type is named for what browsers insist on, and only for that", async () => {
  const wrong = await new Watched(() => answer("1234567890", "text/plain")).fails(WASM.url);
  assert.equal(wrong.file, "python.wasm");
  assert.match(wrong.why, /as “text\/plain” where browsers insist on “application\/wasm”/);
  const script = await new Watched(() => answer("1234", "application/wasm")).fails(SCRIPT.url);
  assert.match(script.why, /“text\/javascript”/);
  const none = await new Watched(() => new Response(new Uint8Array(10))).fails(WASM.url);
  assert.match(none.why, /as “no type”/);

  assert.equal(badAnswer(SCRIPT, answer("", "Application/JavaScript; charset=utf-8")), null);
  assert.equal(badAnswer(WHEEL, answer("", "application/octet-stream")), null);
});

test("a bad status is said with its number", async () => {
  for (const status of [403, 404, 500]) {
    const failure = await new Watched(() => answer("sorry", "text/html", status)).fails(WHEEL.url);
    assert.equal(failure.file, "a.whl");
    assert.match(failure.why, new RegExp(`answered ${status}`));
  }
});

test("a short and a long body are told with both numbers", async () => {
  for (const [content, said] of [
    ["123", /^3 of 4 bytes/],
    ["12345", /^5 of 4 bytes/],
    [null, /^0 of 4 bytes/],
  ] as const) {
    assert.match((await new Watched(() => wheel(content)).fails(WHEEL.url)).why, said);
  }
});

test("a body that breaks off is told with what came", async () => {
  const broken = (): Response => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new Uint8Array(3)),
      pull: (controller) => controller.error(new TypeError("network")),
    });
    return new Response(body, { headers: { "Content-Type": "application/zip" } });
  };
  assert.match((await new Watched(broken).fails(WHEEL.url)).what, /arrived incomplete/);
});

test("content with another hash is called damaged, where the browser can tell", async () => {
  assert.match((await new Watched(() => wheel("1235")).fails(WHEEL.url)).what, /a\.whl arrived damaged/);
  stub({ crypto: {} });
  assert.equal(await (await new Watched(() => wheel("1235")).downloads.fetch(WHEEL.url)).text(), "1235");
});

test("a connection that breaks is told as such", async () => {
  const failure = await new Watched(() => Promise.reject(new TypeError("network"))).fails(WHEEL.url);
  assert.equal(failure.file, "a.whl");
  assert.match(failure.what, /could not be fetched/);
});

test("a script is counted when it has been imported", async () => {
  const script = "data:text/javascript,1";
  const watched = new Watched(() => answer("", ""), [runtimeFile(script, 1, "text/javascript")]);
  watched.downloads.import(script);
  await watched.downloads.whole();
  assert.deepEqual([watched.told, watched.asked], [[[1, 1]], []]);
});

test("a script that does not run is looked into, and named if its file is at fault", async () => {
  const url = "data:text/javascript,throw 1";
  const file = runtimeFile(url, 4, "text/javascript", { sha256 });
  const bad = new Watched(() => answer("12", "text/javascript"), [file]);
  bad.downloads.import(url);
  assert.match((await bad.downloads.whole().then(() => assert.fail("whole"), expectDownloadError)).why, /^2 of 4/);

  const good = new Watched(() => answer("1234", "text/javascript"), [file]);
  good.downloads.import(url);
  await assert.rejects(good.downloads.whole(), (error) => !(error instanceof DownloadError));
});

/** A host with a copy of the large file beside it, which sends each with these headers. */
function hostOf(headers: Record<string, string>, copy: () => Response): (url: string) => Response {
  return (url) => (url.endsWith(".gz") ? copy() : wheel(LARGE_TEXT, headers));
}

const copyBeside = (content: Uint8Array<ArrayBuffer>, headers: Record<string, string> = {}): Response =>
  new Response(content, {
    headers: { "Content-Type": "application/gzip", "Content-Length": String(content.byteLength), ...headers },
  });

test("from a host that does not compress, the copy beside the file is fetched and unpacked", async () => {
  const watched = new Watched(
    hostOf({}, () => copyBeside(PACKED)),
    [LARGE],
  );
  const response = await watched.downloads.fetch(LARGE.url);
  assert.equal(response.headers.get("content-type"), "application/zip");
  assert.equal(await response.text(), LARGE_TEXT);
  assert.deepEqual(
    watched.asked.map(({ url }) => url),
    [LARGE.url, `${LARGE.url}.gz`],
  );
  assert.deepEqual(watched.told.at(-1), [PACKED.byteLength, PACKED.byteLength]);
});

test("a stream from the copy has the type of its file", async () => {
  const watched = new Watched(
    hostOf({}, () => copyBeside(PACKED)),
    [LARGE],
  );
  const response = await watched.downloads.stream(LARGE.url);
  assert.equal(response.headers.get("content-type"), LARGE.type);
  assert.equal(await response.text(), LARGE_TEXT);
  await watched.downloads.whole();
});

test("a copy that the host declares compressed is unpacked by the browser alone", async () => {
  const unpacked = new TextEncoder().encode(LARGE_TEXT);
  const host = hostOf({}, () => copyBeside(unpacked, { "Content-Encoding": "gzip" }));
  assert.equal(await (await new Watched(host, [LARGE]).downloads.fetch(LARGE.url)).text(), LARGE_TEXT);
});

test("from a host that compresses, without a copy, and for little gain the copy is not asked for", async () => {
  const host = hostOf({ "Content-Encoding": "br" }, () => assert.fail("asked for the copy"));
  await new Watched(host, [LARGE]).downloads.fetch(LARGE.url);
  const plain = hostOf({}, () => assert.fail("asked for the copy"));
  await new Watched(plain, [{ ...LARGE, gzip: 0 }]).downloads.fetch(LARGE.url);
  await new Watched(plain, [{ ...LARGE, wire: LARGE.size - 1000 }]).downloads.fetch(LARGE.url);
});

test("a host that has no copies is asked for the file itself", async () => {
  const missing = new Watched(
    hostOf({}, () => answer("sorry", "text/html", 404)),
    [LARGE],
  );
  const got = await missing.downloads.fetch(LARGE.url);
  assert.equal((await got.arrayBuffer()).byteLength, LARGE.size);
  assert.deepEqual(
    missing.asked.map(({ url }) => url),
    [LARGE.url, `${LARGE.url}.gz`, LARGE.url],
  );
});

test("a copy that is cut short or damaged is named", async () => {
  const cut = hostOf({}, () => copyBeside(PACKED.slice(0, PACKED.byteLength / 2)));
  assert.match((await new Watched(cut, [LARGE]).fails(LARGE.url)).what, /large\.whl arrived incomplete/);
  const damaged = hostOf({}, () => copyBeside(PACKED.map((byte, at) => (at === PACKED.byteLength - 6 ? ~byte : byte))));
  assert.match((await new Watched(damaged, [LARGE]).fails(LARGE.url)).what, /large\.whl arrived/);
});

test("a diagnosis names the first file in the list that is served badly", async () => {
  const files = [WASM, SCRIPT, WHEEL];
  const asked: Asked[] = [];
  const serve = (bad: Record<string, Response | Error>): void => {
    asked.length = 0;
    stub({
      fetch: async (url: string, init: RequestInit) => {
        asked.push({ url, init });
        const given = bad[url];
        if (given instanceof Error) throw given;
        return given ?? answer(null, files.find((file) => file.url === url)?.type ?? "");
      },
    });
  };
  const { signal } = new AbortController();
  serve({});
  assert.equal(await diagnose(files, signal), null);
  assert.deepEqual(
    asked.map(({ url, init }) => [url, init?.method]),
    files.map(({ url }) => [url, "HEAD"]),
  );
  serve({ [WHEEL.url]: answer(null, "text/html", 404), [SCRIPT.url]: new TypeError("network") });
  assert.equal((await diagnose(files, signal))?.file, "python.mjs");
  serve({ [WASM.url]: answer(null, "text/plain"), [WHEEL.url]: answer(null, "", 500) });
  assert.equal((await diagnose(files, signal))?.file, "python.wasm");
});

test("a diagnosis that ran out of time blames nobody", async () => {
  const stopped = AbortSignal.abort();
  stub({ fetch: () => Promise.reject(new DOMException("late", "AbortError")) });
  assert.equal(await diagnose([WHEEL], stopped), null);
});
