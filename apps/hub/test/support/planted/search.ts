import { findPlanted, type Found } from './secrets.ts';

export interface FoundAt extends Found {
  place: string;
  /** the row, message or line that it stands in */
  text: string;
}

/** What of the planted stands in the texts of several places: in a text as a whole as it is, in each string of it in every form. */
export function findInPlaces(places: Record<string, readonly string[]>): { found: FoundAt[]; searched: string[] } {
  const [found, searched]: [FoundAt[], string[]] = [[], []];
  const known = new Map<string, Found[]>();
  for (const [place, texts] of Object.entries(places)) {
    let bytes = 0;
    for (const text of texts) {
      bytes += Buffer.byteLength(text);
      for (const one of findPlanted(text, false)) found.push({ ...one, place, text });
      for (const piece of readTexts(text)) {
        const there = known.get(piece) ?? findPlanted(piece);
        known.set(piece, there);
        for (const one of there) found.push({ ...one, place, text });
      }
    }
    searched.push(`${place} ${texts.length} texts of ${bytes} bytes`);
  }
  return { found, searched };
}

/** Every string of a JSON text, names of keys too, also of one that is encoded in a string of it; the whole where it is none. */
function* readTexts(text: string): Generator<string> {
  const value = parseJson(text);
  if (value === undefined) yield* cut(text);
  else yield* listStrings(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    // A line of a log, or a head of a request.
    return undefined;
  }
}

function* listStrings(value: unknown): Generator<string> {
  if (typeof value === 'string') {
    const inner = decodeJson(value);
    if (inner === undefined) yield* cut(value);
    else yield* listStrings(inner);
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, item] of Object.entries(value)) {
    yield* cut(key);
    yield* listStrings(item);
  }
}

/** What is signed stands in base64 in messages, and in hex in rows. */
function decodeJson(text: string): unknown {
  if (/^[[{]/.test(text)) return parseJson(text);
  if (text.startsWith('\\x7b')) return parseJson(Buffer.from(text.slice(2), 'hex').toString());
  return text.startsWith('eyJ') ? parseJson(Buffer.from(text, 'base64').toString()) : undefined;
}

/** In pieces that overlap by more than any of the planted is long: all forms of a long text at once would take much memory. */
function* cut(text: string): Generator<string> {
  for (let start = 0; start === 0 || start < text.length - OVERLAP; start += PIECE - OVERLAP)
    yield text.slice(start, start + PIECE);
}

const [PIECE, OVERLAP] = [8_000, 1_000];
