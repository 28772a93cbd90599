/**
 * Compresses files as well as can be: `node overrides/hooks/compress.mjs JOBS_FILE`.
 * The jobs are a JSON list of `[SOURCE, TARGET]`; each gives `TARGET.br` and `TARGET.gz`, the same bytes each time.
 */

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { brotliCompress, constants, gzip } from "node:zlib";

const [jobsFile] = process.argv.slice(2);
if (jobsFile === undefined) throw new Error("Usage: compress.mjs JOBS_FILE");

async function compress([source, target]) {
  const content = readFileSync(source);
  const params = {
    [constants.BROTLI_PARAM_QUALITY]: 11,
    [constants.BROTLI_PARAM_LGWIN]: 24,
    [constants.BROTLI_PARAM_SIZE_HINT]: content.byteLength,
  };
  const [brotli, gzipped] = await Promise.all([
    promisify(brotliCompress)(content, { params }),
    promisify(gzip)(content, { level: 9 }),
  ]);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(`${target}.br`, brotli);
  writeFileSync(`${target}.gz`, gzipped);
}

await Promise.all(JSON.parse(readFileSync(jobsFile, "utf8")).map(compress));
