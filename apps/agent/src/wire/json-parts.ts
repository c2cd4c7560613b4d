import { WorkBytes } from './work-bytes.ts';

/** `isAscii`: known to be so; else nobody has looked */
export interface Piece {
  text: string;
  isAscii: boolean;
}

/** JSON in one piece, or in pieces that follow each other: a long text that is handed on is not copied until it is sent. */
export type JsonPieces = string | readonly Piece[];

/** From so many characters on a text stays a piece of its own. */
export const LONG_PIECE = 16_384;

/** JSON as it is written, bit by bit. */
export class JsonParts {
  readonly #done: Piece[] = [];
  #last = '';

  add(text: string, isAscii = false): void {
    if (text.length < LONG_PIECE) {
      this.#last += text;
      return;
    }
    this.#endLast();
    this.#done.push({ text, isAscii });
  }

  addAll(json: JsonPieces): void {
    if (typeof json === 'string') this.add(json);
    else for (const { text, isAscii } of json) this.add(text, isAscii);
  }

  /** The pieces so far. */
  list(): readonly Piece[] {
    this.#endLast();
    return this.#done;
  }

  #endLast(): void {
    if (this.#last !== '') this.#done.push({ text: this.#last, isAscii: false });
    this.#last = '';
  }
}

/** In one piece. What is long is copied only when somebody looks into it. */
export function joinPieces(json: JsonPieces): string {
  if (typeof json === 'string') return json;
  let whole = '';
  for (const { text } of json) whole += text;
  return whole;
}

export function isAsciiAlone(pieces: readonly Piece[]): boolean {
  return pieces.every((piece) => countBytes(piece) === piece.text.length);
}

/** As UTF-8, copied once, where it is long; else in one piece, which goes out together with the head of its message. */
export function toBody(json: JsonPieces): string | Buffer {
  const pieces = typeof json === 'string' ? [{ text: json, isAscii: false }] : json;
  return countCharacters(pieces) < LONG_PIECE ? joinPieces(json) : encodePieces(pieces);
}

const looked = new WorkBytes();

/**
 * The bytes of a long text that is ASCII alone, for who looks for something in it: they are read several times as fast as its characters, and need no copy
 * of it in one piece. To be used before the next are asked for. Null for any other text.
 */
export function lookInto(pieces: readonly Piece[]): Buffer | null {
  const length = countCharacters(pieces);
  if (length < LONG_PIECE || !isAsciiAlone(pieces)) return null;
  const bytes = looked.take(length);
  let at = 0;
  for (const { text } of pieces) at += bytes.write(text, at, text.length, 'latin1');
  return bytes;
}

function encodePieces(pieces: readonly Piece[]): Buffer {
  const lengths = pieces.map(countBytes);
  const bytes = Buffer.allocUnsafeSlow(lengths.reduce((sum, length) => sum + length, 0));
  let at = 0;
  for (const [index, { text }] of pieces.entries()) {
    const length = lengths[index] ?? 0;
    // of ASCII alone, which needs no look at each character
    at += bytes.write(text, at, length, length === text.length ? 'latin1' : 'utf8');
  }
  return bytes;
}

function countBytes({ text, isAscii }: Piece): number {
  return isAscii ? text.length : Buffer.byteLength(text);
}

export function countCharacters(json: JsonPieces): number {
  if (typeof json === 'string') return json.length;
  let count = 0;
  for (const { text } of json) count += text.length;
  return count;
}
