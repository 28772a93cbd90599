/** Archives of Python modules: ZIP files whose entries are stored as they are, as the build makes them. */

const END_OF_DIRECTORY = 0x06054b50;
const END_BYTES = 22;
const STORED = 0;

/** What of Pyodide's file system is used here. */
export interface Files {
  mkdirTree(path: string): void;
  writeFile(path: string, data: Uint8Array, options: { canOwn: boolean }): void;
}

/** Every file of an archive, by name: parts of its bytes, not copies. Throws if it is none, or has packed entries. */
export function* entries(archive: Uint8Array): Generator<[name: string, content: Uint8Array]> {
  const view = new DataView(archive.buffer, archive.byteOffset, archive.byteLength);
  const end = endOfDirectory(view);
  const count = view.getUint16(end + 10, true);
  const decoder = new TextDecoder();
  let at = view.getUint32(end + 16, true);
  for (let entry = 0; entry < count; entry++) {
    const nameBytes = view.getUint16(at + 28, true);
    const name = decoder.decode(archive.subarray(at + 46, at + 46 + nameBytes));
    if (view.getUint16(at + 10, true) !== STORED) throw new Error(`${name} is packed in its archive.`);
    const size = view.getUint32(at + 24, true);
    const header = view.getUint32(at + 42, true);
    const start = header + 30 + view.getUint16(header + 26, true) + view.getUint16(header + 28, true);
    if (!name.endsWith("/")) yield [name, archive.subarray(start, start + size)];
    at += 46 + nameBytes + view.getUint16(at + 30, true) + view.getUint16(at + 32, true);
  }
}

/** Put the files of an archive into a folder; the file system keeps the archive's bytes. */
export function placeArchive(files: Files, archive: Uint8Array, folder: string): void {
  const made = new Set<string>();
  for (const [name, content] of entries(archive)) {
    const path = `${folder}/${name}`;
    const parent = path.slice(0, path.lastIndexOf("/"));
    if (!made.has(parent)) files.mkdirTree(parent);
    made.add(parent);
    files.writeFile(path, content, { canOwn: true });
  }
}

function endOfDirectory(view: DataView): number {
  for (let at = view.byteLength - END_BYTES; at >= 0; at--) {
    if (view.getUint32(at, true) === END_OF_DIRECTORY) return at;
  }
  throw new Error("An archive of Python modules has no directory.");
}
