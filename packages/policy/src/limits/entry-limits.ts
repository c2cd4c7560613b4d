import { compileUriMatcher } from '../compile/uri-template.ts';
import { computePin } from '../documents/canonical.ts';
import { CatalogueEntry, type EntryKind, type EntryOf, isOfKind, readEntryName } from '../documents/catalogue-entry.ts';
import { removeHiddenText } from '../findings/hidden-in-results.ts';
import { findDefinitionProblem, findToolProblem } from './definition-limits.ts';

/** `name` of a refused entry is for a message. */
export type CheckedEntry<Kind extends EntryKind> =
  | { ok: true; entry: EntryOf<Kind> }
  | { ok: false; name: string; problem: string };

const WORD = {
  tool: 'tool definition',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
  instructions: 'text',
} as const;

/** Checks one definition as its server sent it and pins it. `problem` names the first bound that it breaks, in words for a reviewer. */
export function checkEntry<Kind extends EntryKind>(kind: Kind, raw: unknown): CheckedEntry<Kind> {
  const name = readEntryName(kind, raw);
  const refuse = (problem: string): CheckedEntry<Kind> => ({ ok: false, name: toShownName(name), problem });
  const size = findDefinitionProblem(raw);
  if (size) return refuse(size);
  const parsed = CatalogueEntry.safeParse({ kind, name, pin: computePin(raw), definition: raw });
  if (!parsed.success || !isOfKind(parsed.data, kind)) {
    const issue = parsed.error?.issues[0];
    const place = issue?.path.slice(1).join('.');
    // What stands beside the definition is made here, of it: only the name can be too long.
    if (issue?.code === 'too_big') return refuse(`its ${place || 'name'} is longer than ${issue.maximum.toLocaleString('en')}`);
    return refuse(`it is not a ${WORD[kind]} (${place || 'no object'})`);
  }
  const problem = findEntryProblem(parsed.data);
  return problem ? refuse(problem) : { ok: true, entry: parsed.data };
}

function findEntryProblem({ kind, definition }: CatalogueEntry): string | null {
  switch (kind) {
    case 'tool':
      return findToolProblem(definition);
    case 'resource':
      return findAddressProblem(definition.uri);
    case 'template':
      return compileUriMatcher(definition.uriTemplate)
        ? findAddressProblem(definition.uriTemplate)
        : 'its address template has a form that is not supported';
    case 'prompt':
    case 'instructions':
      return null;
  }
}

/** Longer than any name may be. */
const MAX_SHOWN_NAME = 128;
/** Of a terminal, which hides nothing. */
const COLOUR = new RegExp(['(?:\\u001B\\[|\\u009B)', '[\\d;:]{0,64}m'].join(''), 'g');

/**
 * A name for a message, with everything that is not seen or turns text round shown as `?`; names of other scripts are left as they are. Never a part of
 * it, and no `?` in the middle of what is read as one word: whoever looks for secrets in the message would recognise neither.
 */
export function toShownName(name: string): string {
  if (name.length > MAX_SHOWN_NAME) return `one with a name of ${name.length.toLocaleString('en')} characters`;
  const seen = removeHiddenText(name.normalize('NFKC'), 'strip').text;
  return seen.replaceAll(COLOUR, '').replaceAll(/(?! )[\p{C}\p{Z}]/gu, '?');
}

/** RFC 3986: a scheme, a colon, something. */
function findAddressProblem(address: string): string | null {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+$/u.test(address) ? null : 'its address is not a URI';
}
