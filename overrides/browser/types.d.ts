/** Styles that esbuild hands over as text. */
declare module "*.css" {
  const text: string;
  export default text;
}
