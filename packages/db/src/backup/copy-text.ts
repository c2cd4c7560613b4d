/** What makes the text of a value the same here and there, whatever the server, the database or the role is set to. */
export const SAME_TEXT = `SET LOCAL client_encoding = 'UTF8'; SET LOCAL timezone = 'UTC'; SET LOCAL datestyle = 'ISO, MDY';
  SET LOCAL intervalstyle = 'postgres'; SET LOCAL extra_float_digits = 1; SET LOCAL bytea_output = 'hex';`;

const LINE_BREAK = 0x0a;

/** Rows that end in a piece of what COPY writes: a line break of a value is written as \n there. */
export function countRows(piece: Buffer): number {
  let rows = 0;
  for (let at = piece.indexOf(LINE_BREAK); at >= 0; at = piece.indexOf(LINE_BREAK, at + 1)) rows += 1;
  return rows;
}
