/** A document as text (see `turbopack` in next.config.ts). */
declare module '*.md' {
  const source: string;
  export default source;
}
