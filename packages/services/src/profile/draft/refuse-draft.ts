import { findCollisions, foldName } from '@gatehouse/policy/compile/name-collisions';
import { suggestNames } from '@gatehouse/policy/compile/suggested-name';
import { compileUriMatcher } from '@gatehouse/policy/compile/uri-template';
import { toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

import { ServiceError } from '../../errors.ts';
import type { JoinedEntry } from './join-draft.ts';
import { type EntryProblem, isOwnProblem } from './problem.ts';

/** Names that several selected tools or prompts would be shown under, with a free name for each of them. */
export class NameCollisionError extends ServiceError {
  readonly collisions: readonly NameCollision[];

  constructor(message: string, collisions: readonly NameCollision[]) {
    super('conflict', message);
    this.collisions = collisions;
  }
}

/** What a draft selects that would not be served now. */
export class SelectionError extends ServiceError {
  readonly problems: readonly SelectionProblem[];

  constructor(code: 'invalid' | 'precondition', message: string, problems: readonly SelectionProblem[]) {
    super(code, message);
    this.problems = problems;
  }
}

interface NameCollision {
  name: string;
  owners: { serverSlug: string; name: string; suggestion: string }[];
}

/** A selected entry, as messages name it, and why it would not be served. */
export type SelectionProblem = Pick<JoinedEntry, 'serverSlug' | 'kind' | 'name'> & EntryProblem;

/**
 * Throws `invalid` when something is selected twice, `conflict` with owners and a suggestion each when two tools or two prompts want the
 * same name, and with the owners when two servers have the same address.
 */
export function refuseCollisions(entries: readonly JoinedEntry[]): void {
  const seen = new Set<string>();
  for (const entry of entries) {
    const key = toServerEntryKey(entry);
    if (seen.has(key)) throw new ServiceError('invalid', `${entry.serverSlug}/${entry.name} is selected twice. Reload the page.`);
    seen.add(key);
  }
  const ofKind = (kind: JoinedEntry['kind']): JoinedEntry[] => entries.filter((entry) => entry.kind === kind);
  refuseSameNames(ofKind('tool'));
  refuseSameNames(ofKind('prompt'));
  refuseSameAddresses(ofKind('resource'), (uri) => uri);
  refuseSameAddresses(ofKind('template'), (template) => compileUriMatcher(template)?.shape ?? template);
}

function refuseSameNames(claims: readonly JoinedEntry[]): void {
  const taken = new Set(claims.map(({ advertisedName }) => foldName(advertisedName)));
  const collisions = findCollisions(claims).map(({ name, owners }) => {
    const suggestions = suggestNames(owners, taken);
    return { name, owners: owners.map((owner, index) => ({ ...owner, suggestion: suggestions[index] ?? '' })) };
  });
  const [first] = collisions;
  if (!first) return;
  const owners = first.owners.map(({ serverSlug, name }) => `${serverSlug}/${name}`).join(' and ');
  const suggestions = first.owners.map(({ suggestion }) => suggestion).join(' or ');
  throw new NameCollisionError(
    `${owners} would both be shown as "${first.name}". Rename one, for example to ${suggestions}.`,
    collisions,
  );
}

/** An address is what a client asks for, so two servers cannot answer for one. */
function refuseSameAddresses(entries: readonly JoinedEntry[], shapeOf: (address: string) => string): void {
  for (const [first, second] of Map.groupBy(entries, ({ name }) => shapeOf(name)).values()) {
    if (!first || !second) continue;
    throw new ServiceError(
      'conflict',
      `${first.serverSlug} and ${second.serverSlug} both answer for ${second.name}. Select it of one server only.`,
    );
  }
}

/**
 * Throws SelectionError when any of these would not be served now: `invalid` for what the profile itself says (a name, argument rules),
 * else `precondition`.
 */
export function refuseProblems(selected: readonly JoinedEntry[]): void {
  const problems = listSelectionProblems(selected);
  const own = problems.find(isOwnProblem);
  if (own) throw new SelectionError('invalid', `${own.serverSlug}/${own.name}: ${own.text}`, problems);
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new SelectionError(
    'precondition',
    `${first.serverSlug}/${first.name} cannot be used: ${first.text}${more}. Take it out of the profile, or settle that first.`,
    problems,
  );
}

/** What is selected and would not be served, each with the reason. */
export function listSelectionProblems(selected: readonly JoinedEntry[]): SelectionProblem[] {
  return selected.flatMap(({ serverSlug, kind, name, problem }) => (problem ? [{ serverSlug, kind, name, ...problem }] : []));
}
