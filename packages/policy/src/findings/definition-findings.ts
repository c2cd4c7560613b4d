import { findHiddenText, type HiddenStretch, type HiddenTextRule } from './hidden-text.ts';

/** Hidden text in one text of a definition. */
export interface HiddenTextFinding {
  /** JSON Pointer of the text; of a key, where the key stands */
  pointer: string;
  rule: HiddenTextRule;
  /** what was found, with a mark for every character that is not seen, cut to what a person reads */
  shown: string;
  /** how many times in this text */
  count: number;
}

const MAX_SHOWN = 120;

/** Everything in a definition that its reader would not see as a model does, keys and annotations included. */
export function listHiddenText(definition: unknown, pointer = ''): HiddenTextFinding[] {
  if (typeof definition === 'string') return describeText(definition, pointer);
  if (typeof definition !== 'object' || definition === null) return [];
  return Object.entries(definition).flatMap(([key, value]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [...describeText(key, at), ...listHiddenText(value, at)];
  });
}

function describeText(text: string, pointer: string): HiddenTextFinding[] {
  const byRule = Map.groupBy(findHiddenText(text), ({ rule }) => rule);
  return Array.from(byRule, ([rule, stretches]) => {
    const [first = { start: 0, end: 0, rule }] = stretches;
    return { pointer: toVisible(pointer), rule, shown: showStretch(text, first), count: stretches.length };
  });
}

/** What is encoded together with what it says. */
function showStretch(text: string, { start, end, decoded }: HiddenStretch): string {
  const written = toVisible(text.slice(start, end));
  return decoded === undefined ? written : `${toVisible(decoded)} (written as ${written})`;
}

/** `U+202E` and the like in angle brackets; a tag as the letter that it stands for. */
function toVisible(text: string): string {
  const marked = Array.from(text.slice(0, MAX_SHOWN), (character) => {
    const code = character.codePointAt(0) ?? 0;
    if (code >= 0x20 && code < 0x7f) return character;
    const hex = code.toString(16).toUpperCase().padStart(4, '0');
    const letter = code > 0xe0020 && code < 0xe007f ? ` ${String.fromCodePoint(code - 0xe0000)}` : '';
    return /[\p{L}\p{N}]/u.test(character) ? `${character}<U+${hex}>` : `<U+${hex}${letter}>`;
  }).join('');
  return text.length > MAX_SHOWN ? `${marked}…` : marked;
}
