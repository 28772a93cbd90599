/** What the build tells the browser code; esbuild puts the value in place of `BUILD` (overrides/hooks/bundle.py). */

/** One file that is downloaded to start Python: address, size in bytes once unpacked, MIME type it must have. */
export interface RuntimeFile {
  url: string;
  size: number;
  type: string;
}

/** The trained models' weights, which are downloaded when a lab asks for one: their folder, and bytes by file name. */
export interface Checkpoints {
  url: string;
  files: Record<string, number>;
}

/** Where the runtime is. Addresses are absolute. */
export interface Build {
  version: string;
  indexUrl: string;
  lockUrl: string;
  workerUrl: string;
  packages: string[];
  /** Names that can be imported but are only downloaded when they are. */
  onImport: string[];
  files: RuntimeFile[];
  checkpoints: Checkpoints;
}

declare const BUILD: Build;

/** The build's addresses, resolved against the site's root, which is two folders above the main module. */
export function readBuild(moduleUrl: string): Build {
  const root = new URL("../../", moduleUrl);
  const absolute = (url: string): string => new URL(url, root).href;
  return {
    ...BUILD,
    indexUrl: absolute(BUILD.indexUrl),
    lockUrl: absolute(BUILD.lockUrl),
    workerUrl: absolute(BUILD.workerUrl),
    checkpoints: { ...BUILD.checkpoints, url: absolute(BUILD.checkpoints.url) },
    files: BUILD.files.map((file) => ({ ...file, url: absolute(file.url) })),
  };
}
