/** ZIP files for tests. */

export const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

/** A ZIP file of these contents, with extra fields and a comment as other tools write them. */
export function zip(contents: Record<string, string>, method = 0): Uint8Array {
  const parts: number[] = [];
  const directory: number[] = [];
  const number = (to: number[], value: number, size: number): void => {
    for (let i = 0; i < size; i++) to.push((value >> (8 * i)) & 255);
  };
  const names = Object.keys(contents);
  for (const name of names) {
    const [nameBytes, content] = [bytes(name), bytes(contents[name] ?? "")];
    const common = (to: number[], extra: number): void => {
      for (const [value, size] of [
        [20, 2],
        [0, 2],
        [method, 2],
        [0, 4],
        [0, 4],
        [content.length, 4],
        [content.length, 4],
      ] as const) {
        number(to, value, size);
      }
      number(to, nameBytes.length, 2);
      number(to, extra, 2);
    };
    number(directory, 0x02014b50, 4);
    number(directory, 20, 2);
    common(directory, 3);
    for (const [value, size] of [
      [5, 2],
      [0, 2],
      [0, 2],
      [0, 4],
      [parts.length, 4],
    ] as const)
      number(directory, value, size);
    directory.push(...nameBytes, 1, 2, 3, ...bytes("five!"));
    number(parts, 0x04034b50, 4);
    common(parts, 2);
    parts.push(...nameBytes, 9, 9, ...content);
  }
  const end: number[] = [];
  for (const [value, size] of [
    [0x06054b50, 4],
    [0, 4],
    [names.length, 2],
    [names.length, 2],
    [directory.length, 4],
    [parts.length, 4],
    [4, 2],
  ] as const) {
    number(end, value, size);
  }
  return new Uint8Array([...parts, ...directory, ...end, ...bytes("said")]);
}
