import { findHiddenText, type HiddenStretch, type HiddenTextRule } from './hidden-text.ts';
import { findSuspectPhrases, type PhraseRule } from './suspect-phrases.ts';

/** What is found in one text of a definition. */
interface FoundInText<Rule> {
  /** JSON Pointer of the text; of a key, where the key stands */
  pointer: string;
  rule: Rule;
  /** what was found, with a mark for every character that is not seen, cut to what a person reads */
  shown: string;
  /** how many times in this text */
  count: number;
}

/** Hidden text in one text of a definition. */
export type HiddenTextFinding = FoundInText<HiddenTextRule>;
/** A phrase in one text of a definition that is more than a description. */
export type PhraseFinding = FoundInText<PhraseRule>;

const MAX_SHOWN = 120;

/** Everything in a definition that its reader would not see as a model does, keys and annotations included. */
export function listHiddenText(definition: unknown): HiddenTextFinding[] {
  return listFound(definition, '', findHiddenText, showStretch);
}

/** Everything in a definition that gives a model orders, or speaks of what lies on the machine, keys and annotations included. */
export function listSuspectPhrases(definition: unknown): PhraseFinding[] {
  return listFound(definition, '', findSuspectPhrases, (text, { start, end }) => toVisible(text.slice(start, end)));
}

function listFound<Stretch extends { rule: string }>(
  definition: unknown,
  pointer: string,
  find: (text: string) => Stretch[],
  show: (text: string, stretch: Stretch) => string,
): FoundInText<Stretch['rule']>[] {
  const describe = (text: string, at: string) =>
    [...Map.groupBy(find(text), ({ rule }) => rule).values()].flatMap((stretches) => {
      const [first] = stretches;
      return first ? [{ pointer: toVisible(at), rule: first.rule, shown: show(text, first), count: stretches.length }] : [];
    });
  if (typeof definition === 'string') return describe(definition, pointer);
  if (typeof definition !== 'object' || definition === null) return [];
  return Object.entries(definition).flatMap(([key, value]) => {
    const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
    return [...describe(key, at), ...listFound(value, at, find, show)];
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
