import type * as z from 'zod';

import { compileUriMatcher } from '../compile/uri-template.ts';
import { CatalogueEntry, type EntryKind, type EntryOf, isOfKind, readEntryName } from '../documents/catalogue-entry.ts';
import { computePin } from '../documents/content-hash.ts';
import { encodeSegment } from '../documents/json-pointer.ts';
import { toShownName } from '../names/shown-name.ts';
import { type DefinitionProblem, findDefinitionProblem, listToolProblems, toProblem } from './definition-limits.ts';

/** `name` of a refused entry is for a message; of its problems there is at least one. */
export type CheckedEntry<Kind extends EntryKind> =
  | { ok: true; entry: EntryOf<Kind> }
  | { ok: false; name: string; problem: string; problems: DefinitionProblem[] };

const WORD = {
  tool: 'tool definition',
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
  instructions: 'text',
} as const;

/** Checks one definition as its server sent it and pins it. `problem` says the first bound that it breaks, in words for a reviewer; `problems` all. */
export function checkEntry<Kind extends EntryKind>(kind: Kind, raw: unknown): CheckedEntry<Kind> {
  const name = readEntryName(kind, raw);
  const refuse = (problems: readonly DefinitionProblem[]): CheckedEntry<Kind> => {
    const [first = toProblem('it cannot be read')] = problems;
    return { ok: false, name: toShownName(name), problem: describeProblem(first), problems: [first, ...problems.slice(1)] };
  };
  const size = findDefinitionProblem(raw);
  if (size) return refuse([toProblem(size)]);
  const parsed = CatalogueEntry.safeParse({ kind, name, pin: computePin(raw), definition: raw });
  if (!parsed.success || !isOfKind(parsed.data, kind)) {
    const issues = parsed.error?.issues ?? [];
    return refuse(issues.map((issue) => toIssueProblem(kind, issue)));
  }
  const problems = listEntryProblems(parsed.data);
  return problems.length > 0 ? refuse(problems) : { ok: true, entry: parsed.data };
}

/** A problem as one line, with the place of a keyword. */
export function describeProblem({ pointer, keyword, reason }: DefinitionProblem): string {
  return pointer === null || keyword === null ? reason : `${reason} (at ${pointer})`;
}

function toIssueProblem(kind: EntryKind, issue: z.core.$ZodIssue): DefinitionProblem {
  const path = issue.path.slice(1).map(String);
  const pointer = path.length === 0 ? null : `/${path.map(encodeSegment).join('/')}`;
  const place = path.join('.');
  // What stands beside the definition is made here, of it: only the name can be too long.
  const reason =
    issue.code === 'too_big'
      ? `its ${place || 'name'} is longer than ${issue.maximum.toLocaleString('en')}`
      : `it is not a ${WORD[kind]} (${place || 'no object'})`;
  return { pointer, keyword: null, reason };
}

function listEntryProblems({ kind, definition }: CatalogueEntry): DefinitionProblem[] {
  const toList = (pointer: string, reason: string | null): DefinitionProblem[] =>
    reason === null ? [] : [{ pointer, keyword: null, reason }];
  switch (kind) {
    case 'tool':
      return listToolProblems(definition);
    case 'resource':
      return toList('/uri', findAddressProblem(definition.uri));
    case 'template':
      return compileUriMatcher(definition.uriTemplate)
        ? toList('/uriTemplate', findAddressProblem(definition.uriTemplate))
        : toList('/uriTemplate', 'its address template has a form that is not supported');
    case 'prompt':
    case 'instructions':
      return [];
  }
}

/** RFC 3986: a scheme, a colon, something. */
function findAddressProblem(address: string): string | null {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+$/u.test(address) ? null : 'its address is not a URI';
}
