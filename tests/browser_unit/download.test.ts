/** Downloads are counted, and what is wrong with one is said by the file's name. */

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";
import type { RuntimeFile } from "../../overrides/browser/build";
import { badAnswer, countingFetch, DownloadError, diagnose } from "../../overrides/browser/runtime/download";
import type { BootFailure } from "../../overrides/browser/runtime/messages";
import { answer, stub } from "./fakes";

const WASM: RuntimeFile = { url: "https://site.test/r/python.wasm", size: 10, type: "application/wasm" };
const SCRIPT: RuntimeFile = { url: "https://site.test/r/python.mjs", size: 4, type: "text/javascript" };
const WHEEL: RuntimeFile = { url: "https://site.test/r/a.whl", size: 4, type: "application/zip" };
const FILES = [WASM, SCRIPT, WHEEL];

interface Asked {
  url: string;
  init: RequestInit | undefined;
}

/** A counting fetch over answers made up by the test, with all that it tells. */
class Watched {
  readonly counted: number[] = [];
  readonly failures: BootFailure[] = [];
  readonly asked: Asked[] = [];
  readonly fetch: typeof fetch;

  constructor(give: (url: string, init?: RequestInit) => Response | Promise<Response>, fresh = false) {
    const real = async (input: unknown, init?: RequestInit): Promise<Response> => {
      const url = input instanceof Request ? input.url : String(input);
      this.asked.push({ url, init });
      return give(url, init);
    };
    this.fetch = countingFetch(
      FILES,
      (bytes) => this.counted.push(bytes),
      (failure) => this.failures.push(failure),
      fresh,
      real as typeof fetch,
    );
  }

  get total(): number {
    return this.counted.reduce((sum, bytes) => sum + bytes, 0);
  }

  /** Fetch and read; expect this to fail with what was told. */
  async fails(file: RuntimeFile, init?: RequestInit): Promise<BootFailure> {
    await assert.rejects(async () => (await this.fetch(file.url, init)).arrayBuffer(), DownloadError);
    assert.equal(this.failures.length, 1, "it is told once");
    const [failure] = this.failures;
    assert.ok(failure);
    return failure;
  }
}

beforeEach(() => stub({ location: { href: "https://site.test/labs/one/" } }));

test("bytes are counted as they come and nothing is changed", async () => {
  const body = new ReadableStream<Uint8Array>({
    async pull(controller) {
      controller.enqueue(new Uint8Array([1, 2, 3]));
      await new Promise((resolve) => setTimeout(resolve, 1));
      controller.enqueue(new Uint8Array([4, 5, 6, 7, 8, 9, 10]));
      controller.close();
    },
  });
  const headers = { "Content-Type": "application/wasm; charset=binary", "X-Kept": "yes" };
  const watched = new Watched(() => new Response(body, { headers }));
  const response = await watched.fetch(WASM.url);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get("x-kept"), "yes");
  assert.deepEqual([...new Uint8Array(await response.arrayBuffer())], [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  assert.deepEqual(watched.counted, [3, 7]);
  assert.deepEqual(watched.failures, []);
});

test("a file is known by a relative address, a URL or a Request", async () => {
  for (const input of ["/r/a.whl", "../../r/a.whl", new URL(WHEEL.url), new Request(WHEEL.url)]) {
    const watched = new Watched(() => answer("1234", "application/zip"));
    await (await watched.fetch(input)).text();
    assert.equal(watched.total, 4);
  }
});

test("other addresses pass through, whatever comes back", async () => {
  const watched = new Watched(() => answer("nothing of ours", "text/plain", 404));
  const init = { method: "POST" };
  const response = await watched.fetch("https://site.test/elsewhere", init);
  assert.equal(await response.text(), "nothing of ours");
  assert.deepEqual(watched.asked, [{ url: "https://site.test/elsewhere", init }]);
  assert.deepEqual([watched.counted, watched.failures], [[], []]);
});

test("an address that only begins like a file's passes through", async () => {
  const watched = new Watched(() => answer("12345678", "text/plain"));
  await (await watched.fetch(`${WHEEL.url}.txt`)).text();
  assert.deepEqual(watched.counted, []);
});

test("only a fresh start passes the browser's cache over", async () => {
  for (const fresh of [false, true]) {
    const watched = new Watched(() => answer("1234", "application/zip"), fresh);
    await (await watched.fetch(WHEEL.url, { integrity: "sha256-x" })).text();
    assert.equal(watched.asked[0]?.init?.cache, fresh ? "reload" : undefined);
    assert.equal(watched.asked[0]?.init?.integrity, "sha256-x");
  }
});

test("a wrong type is named for what browsers insist on, and only for that", async () => {
  const wrong = await new Watched(() => answer("1234567890", "text/plain")).fails(WASM);
  assert.equal(wrong.file, "python.wasm");
  assert.match(wrong.why, /as “text\/plain” where browsers insist on “application\/wasm”/);
  assert.match((await new Watched(() => answer("1234", "application/wasm")).fails(SCRIPT)).why, /“text\/javascript”/);
  assert.match((await new Watched(() => new Response(new Uint8Array(10))).fails(WASM)).why, /as “no type”/);

  assert.equal(badAnswer(SCRIPT, answer("", "Application/JavaScript; charset=utf-8")), null);
  assert.equal(badAnswer(WHEEL, answer("", "application/octet-stream")), null);
});

test("a bad status is said with its number", async () => {
  for (const status of [403, 404, 500]) {
    const failure = await new Watched(() => answer("sorry", "text/html", status)).fails(WHEEL);
    assert.equal(failure.file, "a.whl");
    assert.match(failure.why, new RegExp(`answered ${status}`));
  }
});

test("a short and a long body are told with both numbers", async () => {
  const short = await new Watched(() => answer("123", "application/zip")).fails(WHEEL);
  assert.match(short.why, /^3 of 4 bytes/);
  const long = await new Watched(() => answer("12345", "application/zip")).fails(WHEEL);
  assert.match(long.why, /^5 of 4 bytes/);
  const none = await new Watched(() => answer("", "application/zip")).fails(WHEEL);
  assert.match(none.why, /^0 of 4 bytes/);
});

test("a connection that breaks is told as such", async () => {
  const watched = new Watched(() => Promise.reject(new TypeError("network")));
  const failure = await watched.fails(WHEEL);
  assert.equal(failure.file, "a.whl");
  assert.match(failure.what, /could not be fetched/);
});

test("content that its hash refuses is told apart from bad answers and broken connections", async () => {
  const refusing = (head: () => Response | Promise<Response>): Watched =>
    new Watched((_, init) => (init?.method === "HEAD" ? head() : Promise.reject(new TypeError("integrity"))));
  const integrity = { integrity: "sha256-x" };

  const damaged = refusing(() => answer(null, "application/zip"));
  assert.match((await damaged.fails(WHEEL, integrity)).what, /damaged or incomplete/);
  const [, head] = damaged.asked;
  assert.equal(head?.init?.cache, "no-store");
  assert.equal(head?.init?.integrity, undefined);

  assert.match((await refusing(() => answer(null, "text/html", 404)).fails(WHEEL, integrity)).why, /answered 404/);
  const dead = refusing(() => Promise.reject(new TypeError("network")));
  assert.match((await dead.fails(WHEEL, integrity)).what, /could not be fetched/);
  const unexplained = refusing(() => answer(null, "application/zip"));
  assert.match((await unexplained.fails(WHEEL)).what, /could not be fetched/);
});

test("a diagnosis names the first file in the list that is served badly", async () => {
  const asked: Asked[] = [];
  const serve = (bad: Record<string, Response | Error>): void => {
    asked.length = 0;
    stub({
      fetch: async (url: string, init: RequestInit) => {
        asked.push({ url, init });
        const given = bad[url];
        if (given instanceof Error) throw given;
        return given ?? answer(null, FILES.find((file) => file.url === url)?.type ?? "");
      },
    });
  };
  const { signal } = new AbortController();
  serve({});
  assert.equal(await diagnose(FILES, signal), null);
  assert.deepEqual(
    asked.map(({ url, init }) => [url, init?.method]),
    FILES.map(({ url }) => [url, "HEAD"]),
  );
  serve({ [WHEEL.url]: answer(null, "text/html", 404), [SCRIPT.url]: new TypeError("network") });
  assert.equal((await diagnose(FILES, signal))?.file, "python.mjs");
  serve({ [WASM.url]: answer(null, "text/plain"), [WHEEL.url]: answer(null, "", 500) });
  assert.equal((await diagnose(FILES, signal))?.file, "python.wasm");
});

test("a diagnosis that ran out of time blames nobody", async () => {
  const stopped = AbortSignal.abort();
  stub({ fetch: () => Promise.reject(new DOMException("late", "AbortError")) });
  assert.equal(await diagnose(FILES, stopped), null);
});
