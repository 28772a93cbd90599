/**
 * Code in a link: `#code=c.<data>`, or `#code=u.<data>` where the browser can't compress. The data is JSON in UTF-8,
 * deflated, in base64url. Whoever opens a link trusts nobody: size, form and content are checked before use.
 */

/** Cells of one page, by name, with the code that the sender had in them. */
export interface SharedCode {
  page: string;
  cells: Map<string, string>;
}

/** Why a link can't be made or opened, in words for the reader. */
export class LinkError extends Error {}

export const FRAGMENT = "#code=";
export const MAX_LINK_BYTES = 32_000;
export const MAX_CODE_BYTES = 200_000;

const VERSION = 1;
const NAME = /^[a-z0-9][a-z0-9-]{0,99}$/;

/** The fragment of a link with this code. Throws a LinkError if it is too much for a link. */
export async function encodeFragment({ page, cells }: SharedCode): Promise<string> {
  const json = JSON.stringify({ v: VERSION, page, cells: Object.fromEntries(cells) });
  const plain = new TextEncoder().encode(json);
  const packed = plain.length > MAX_CODE_BYTES ? null : await compress(plain);
  const bytes = packed ?? plain;
  if (plain.length > MAX_CODE_BYTES || bytes.length > MAX_LINK_BYTES) {
    throw new LinkError("This is too much code for a link. Download the page and send the file.");
  }
  return `${FRAGMENT}${packed === null ? "u" : "c"}.${toBase64Url(bytes)}`;
}

/** The code in a fragment that begins with FRAGMENT. Throws a LinkError for anything but what `encodeFragment` makes. */
export async function decodeFragment(fragment: string): Promise<SharedCode> {
  const form = /^([cu])\.([A-Za-z0-9_-]+)$/.exec(fragment.slice(FRAGMENT.length));
  if (form?.[1] === undefined || form[2] === undefined) throw new LinkError("It is cut off or damaged.");
  if (form[2].length > Math.ceil((MAX_LINK_BYTES * 4) / 3)) throw new LinkError("It is too long.");
  const bytes = fromBase64Url(form[2]);
  return parse(form[1] === "u" ? bytes : await decompress(bytes));
}

function parse(bytes: Uint8Array): SharedCode {
  let value: unknown;
  try {
    value = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new LinkError("It is cut off or damaged.");
  }
  const { v, page, cells } = (value ?? {}) as Record<string, unknown>;
  if (typeof v === "number" && v > VERSION) throw new LinkError("It was made by a newer version of this site.");
  if (v !== VERSION || typeof page !== "string" || typeof cells !== "object" || cells === null) {
    throw new LinkError("It does not hold code of this site.");
  }
  const found = Object.entries(cells);
  if (found.length === 0 || !found.every(([name, source]) => NAME.test(name) && typeof source === "string")) {
    throw new LinkError("It does not hold code of this site.");
  }
  return { page, cells: new Map(found as [string, string][]) };
}

/** Deflated, or null where the browser can't. */
async function compress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array | null> {
  if (!canDeflate("CompressionStream")) return null;
  return collect(
    new Blob([bytes]).stream().pipeThrough(new CompressionStream("deflate-raw")),
    Number.POSITIVE_INFINITY,
  );
}

async function decompress(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
  if (!canDeflate("DecompressionStream")) {
    throw new LinkError("This browser is too old to unpack it.");
  }
  try {
    return await collect(
      new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")),
      MAX_CODE_BYTES,
    );
  } catch (error) {
    if (error instanceof LinkError) throw error;
    throw new LinkError("It is cut off or damaged.");
  }
}

function canDeflate(name: "CompressionStream" | "DecompressionStream"): boolean {
  try {
    new globalThis[name]("deflate-raw");
    return true;
  } catch {
    return false;
  }
}

/** The stream's bytes; it is cancelled as soon as there are more than `limit`, so that a bomb never unfolds. */
async function collect(stream: ReadableStream<Uint8Array>, limit: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    chunks.push(part.value);
    length += part.value.length;
    if (length > limit) {
      await reader.cancel();
      throw new LinkError("It holds too much code.");
    }
  }
  const all = new Uint8Array(length);
  let place = 0;
  for (const chunk of chunks) {
    all.set(chunk, place);
    place += chunk.length;
  }
  return all;
}

function toBase64Url(bytes: Uint8Array): string {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

function fromBase64Url(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (char) => char.charCodeAt(0));
  } catch {
    throw new LinkError("It is cut off or damaged.");
  }
}
