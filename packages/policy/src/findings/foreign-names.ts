import { foldName } from '../compile/name-collisions.ts';

/** A text of a definition that names a tool of another server: what it says of it, a model does with that one. */
export interface ForeignName {
  /** JSON Pointer of the text; of a key, where the key stands */
  pointer: string;
  /** the name, as the text has it */
  name: string;
}

/** Names of several words, as tools have them: `send_mail`, `send-mail`, `sendMail`. Words of one are in every text. */
const COMPOSITE = /\b[a-z0-9]{1,64}(?:[_.-]{1,2}[a-z0-9]{1,64}){1,12}\b|\b[a-z]{1,64}(?:[A-Z][a-z0-9]{1,64}){1,12}\b/gu;
/** Of one definition: a text that has more holds a list, and a person looks anyway. */
const MOST = 64;

/**
 * The names in the texts of a definition that may be of a tool elsewhere, each where it stands first. Arguments of its own, and keys of its schemas, are none.
 */
export function listNamesInTexts(definition: unknown): ForeignName[] {
  const seen = new Map<string, ForeignName>();
  const keys = new Set<string>();
  const walk = (value: unknown, pointer: string): void => {
    if (typeof value === 'string') {
      for (const [name] of value.matchAll(COMPOSITE)) {
        const key = foldName(name);
        if (seen.size < MOST && !seen.has(key)) seen.set(key, { pointer, name });
      }
      return;
    }
    if (typeof value !== 'object' || value === null) return;
    for (const [key, part] of Object.entries(value)) {
      keys.add(foldName(key));
      walk(part, `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`);
    }
  };
  walk(definition, '');
  return [...seen].flatMap(([key, found]) => (keys.has(key) ? [] : [found]));
}

/** Of these those that are a tool of another server. `own`: what the server itself has a tool of may be meant by it. Both by `foldName`. */
export function keepForeign(
  names: readonly ForeignName[],
  { own, foreign }: { own: ReadonlySet<string>; foreign: ReadonlySet<string> },
): ForeignName[] {
  return names.filter(({ name }) => {
    const key = foldName(name);
    return foreign.has(key) && !own.has(key);
  });
}
