/** Compiled kernels, which esbuild puts into the bundle. */
declare module "*.wasm" {
  const bytes: Uint8Array<ArrayBuffer>;
  export default bytes;
}

/** Styles that esbuild hands over as text. */
declare module "*.css" {
  const text: string;
  export default text;
}
