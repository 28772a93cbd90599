/** Links carry code unharmed, and nothing but code of this site gets in through one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { deflateRawSync } from "node:zlib";
import {
  decodeFragment,
  encodeFragment,
  FRAGMENT,
  LinkError,
  MAX_CODE_BYTES,
  MAX_LINK_BYTES,
} from "../../overrides/browser/logic/share";
import { generator, randomText } from "./random";

const packed = (value: unknown): string =>
  `${FRAGMENT}c.${deflateRawSync(typeof value === "string" ? value : JSON.stringify(value)).toString("base64url")}`;
const good = { v: 1, page: "lab", cells: { one: "x = 1" } };

test("random code comes back as it was, whatever characters it has", async () => {
  const random = generator(1);
  for (let round = 0; round < 200; round++) {
    const cells = new Map<string, string>();
    for (let count = 1 + Math.floor(random() * 5); count > 0; count--)
      cells.set(`cell-${count}`, randomText(random, 400));
    const fragment = await encodeFragment({ page: "lab", cells });
    assert.match(fragment, /^#code=[cu]\.[A-Za-z0-9_-]+$/);
    assert.deepEqual(await decodeFragment(fragment), { page: "lab", cells });
  }
});

test("100 kB of ordinary code fit", async () => {
  const cells = new Map([["big", "print('a line of code')\n".repeat(4_200)]]);
  assert.deepEqual(await decodeFragment(await encodeFragment({ page: "lab", cells })), { page: "lab", cells });
});

test("without compression the code goes as it is, and is read as well", async () => {
  const real = globalThis.CompressionStream;
  try {
    Reflect.deleteProperty(globalThis, "CompressionStream");
    const fragment = await encodeFragment({ page: "lab", cells: new Map([["one", "x = '😀'"]]) });
    assert.match(fragment, /^#code=u\./);
    assert.equal((await decodeFragment(fragment)).cells.get("one"), "x = '😀'");
  } finally {
    globalThis.CompressionStream = real;
  }
});

test("too much code makes no link", async () => {
  const random = generator(2);
  const noise = Array.from({ length: MAX_LINK_BYTES * 2 }, () => String.fromCharCode(32 + random() * 95)).join("");
  for (const source of [noise, "x".repeat(MAX_CODE_BYTES)]) {
    await assert.rejects(encodeFragment({ page: "lab", cells: new Map([["one", source]]) }), LinkError);
  }
});

test("a bomb is not unfolded beyond the limit", async () => {
  const bomb = packed({ ...good, cells: { one: "x".repeat(20_000_000) } });
  assert.ok(bomb.length < MAX_LINK_BYTES);
  await assert.rejects(decodeFragment(bomb), /too much code/);
});

for (const [what, fragment, said] of [
  ["nothing", FRAGMENT, /damaged/],
  ["an unknown form", `${FRAGMENT}z.AAAA`, /damaged/],
  ["characters outside base64url", `${FRAGMENT}c.a+b/`, /damaged/],
  ["bytes that are no deflate stream", `${FRAGMENT}c.____`, /damaged/],
  ["a length that base64 can't have", `${FRAGMENT}u.A`, /damaged/],
  ["a link cut short", packed(good).slice(0, -8), /damaged/],
  ["bytes that are no UTF-8", `${FRAGMENT}u.${Buffer.from([0xff, 0xfe]).toString("base64url")}`, /damaged/],
  ["text that is no JSON", packed("{"), /damaged/],
  ["null", packed("null"), /does not hold code/],
  ["a list", packed("[1]"), /does not hold code/],
  ["a later version", packed({ ...good, v: 2 }), /newer version/],
  ["no page", packed({ ...good, page: 3 }), /does not hold code/],
  ["no cells", packed({ ...good, cells: {} }), /does not hold code/],
  ["cells that hold no text", packed({ ...good, cells: { one: { toString: 1 } } }), /does not hold code/],
  ["names that no cell has", packed({ ...good, cells: { "<img>": "x" } }), /does not hold code/],
  ["more than a link may be long", `${FRAGMENT}c.${"A".repeat(MAX_LINK_BYTES * 2)}`, /too long/],
] as const) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(decodeFragment(fragment), (error) => error instanceof LinkError && said.test(error.message));
  });
}

test("any one damaged character is refused or read as well-formed code, and never throws otherwise", async () => {
  const random = generator(3);
  const fragment = await encodeFragment({ page: "lab", cells: new Map([["one", "for n in range(9):\n    print(n)"]]) });
  for (let round = 0; round < 200; round++) {
    const place = FRAGMENT.length + 2 + Math.floor(random() * (fragment.length - FRAGMENT.length - 2));
    const other = "ABCxyz019-_"[Math.floor(random() * 11)] ?? "A";
    const damaged = fragment.slice(0, place) + other + fragment.slice(place + 1);
    await decodeFragment(damaged).then(
      ({ cells }) => assert.ok([...cells.values()].every((source) => typeof source === "string")),
      (error) => assert.ok(error instanceof LinkError, String(error)),
    );
  }
});
