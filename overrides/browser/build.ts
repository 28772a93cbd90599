/** What the build tells the browser code; esbuild puts the value in place of `BUILD` (overrides/hooks/bundle.py). */

/** One file that is downloaded for Python: address, size in bytes once unpacked, MIME type it must have. */
export interface RuntimeFile {
  url: string;
  size: number;
  type: string;
  /** SHA-256 in base64. */
  sha256: string;
  /** Bytes on the way, if the host sends the smallest copy that was built. */
  wire: number;
  /** Bytes of the copy compressed with gzip that lies beside it, under the address with `.gz`; 0 if there is none. */
  gzip: number;
}

/** The trained models' weights, which are downloaded when a lab asks for one: their folder, and bytes by file name. */
export interface Checkpoints {
  url: string;
  files: Record<string, number>;
}

/** The folder of one lab, which is downloaded when Python first imports something of it. */
export interface LabArchive {
  url: string;
  size: number;
  /** SHA-256 in base64. */
  sha256: string;
  /** The names of the modules with its exercises. */
  exercises: string[];
}

/** Where the runtime is. Addresses are absolute. */
export interface Build {
  version: string;
  /** The folder of Pyodide itself, that of packages, and the standard library. */
  indexUrl: string;
  packagesUrl: string;
  stdlibUrl: string;
  lockUrl: string;
  workerUrl: string;
  /** The wheels that every start of Python needs, by the name of the package: archives of its site-packages. */
  archives: Record<string, string>;
  /** Names that can be imported but are only downloaded when they are. */
  onImport: string[];
  /** What every start downloads, and what is downloaded when it is imported. */
  files: RuntimeFile[];
  later: RuntimeFile[];
  /** Our own labs, by slug. */
  labs: Record<string, LabArchive>;
  checkpoints: Checkpoints;
}

declare const BUILD: Build;

/** The build's addresses, resolved against the site's root, which is two folders above the browser code. */
export function readBuild(moduleUrl: string): Build {
  const root = new URL("../../", moduleUrl);
  const absolute = (url: string): string => new URL(url, root).href;
  return {
    ...BUILD,
    indexUrl: absolute(BUILD.indexUrl),
    packagesUrl: absolute(BUILD.packagesUrl),
    stdlibUrl: absolute(BUILD.stdlibUrl),
    lockUrl: absolute(BUILD.lockUrl),
    workerUrl: absolute(BUILD.workerUrl),
    checkpoints: { ...BUILD.checkpoints, url: absolute(BUILD.checkpoints.url) },
    archives: Object.fromEntries(Object.entries(BUILD.archives).map(([name, url]) => [name, absolute(url)])),
    files: BUILD.files.map((file) => ({ ...file, url: absolute(file.url) })),
    later: BUILD.later.map((file) => ({ ...file, url: absolute(file.url) })),
    labs: Object.fromEntries(
      Object.entries(BUILD.labs).map(([slug, lab]) => [slug, { ...lab, url: absolute(lab.url) }]),
    ),
  };
}
