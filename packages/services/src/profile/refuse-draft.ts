import { findCollisions, suggestedName } from '@gatehouse/policy/compile/name-collisions';
import { uriMatcher } from '@gatehouse/policy/compile/uri-template';

import { ServiceError } from '../errors.ts';
import type { JoinedDraft, JoinedItem, JoinedTool } from './join-draft.ts';
import { isOwnProblem, type ToolProblem } from './problem.ts';

/** One selected thing, whatever its kind, as messages name it. */
export interface Selected {
  serverSlug: string;
  /** the server's own name of a tool or prompt, or an address */
  toolName: string;
  problem: ToolProblem | null;
}

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
  owners: { serverSlug: string; toolName: string; suggestion: string }[];
}

type SelectionProblem = Omit<Selected, 'problem'> & ToolProblem;

/** Everything that a draft selects. */
export function selectedOf({ tools, prompts, resources, resourceTemplates }: JoinedDraft): Selected[] {
  return [...tools, ...[...prompts, ...resources, ...resourceTemplates].map(asSelected)];
}

export function asSelected({ name, serverSlug, problem }: JoinedItem): Selected {
  return { toolName: name, serverSlug, problem };
}

/**
 * Throws `invalid` when something is selected twice, `conflict` with owners and a suggestion each when two tools or two prompts want the
 * same name, and with the owners when two servers have the same address.
 */
export function refuseCollisions(draft: JoinedDraft): void {
  const prompts = draft.prompts.map((prompt) => ({ ...prompt, toolName: prompt.name }));
  refuseTwice(draft.tools.map(({ serverId, serverSlug, toolName }) => ({ serverId, serverSlug, name: toolName })));
  for (const items of [draft.prompts, draft.resources, draft.resourceTemplates]) refuseTwice(items);
  refuseSameNames(draft.tools);
  refuseSameNames(prompts);
  refuseSameAddresses(draft.resources, (uri) => uri);
  refuseSameAddresses(draft.resourceTemplates, (template) => uriMatcher(template)?.shape ?? template);
}

function refuseTwice(selected: readonly { serverId: string; serverSlug: string; name: string }[]): void {
  const seen = new Set<string>();
  for (const { serverId, serverSlug, name } of selected) {
    const key = `${serverId} ${name}`;
    if (seen.has(key)) throw new ServiceError('invalid', `${serverSlug}/${name} is selected twice. Reload the page.`);
    seen.add(key);
  }
}

function refuseSameNames(claims: readonly Pick<JoinedTool, 'advertisedName' | 'serverSlug' | 'toolName'>[]): void {
  const collisions = findCollisions(claims).map(({ name, owners }) => ({
    name,
    owners: owners.map((owner) => ({ ...owner, suggestion: suggestedName(owner.serverSlug, owner.toolName) })),
  }));
  const [first] = collisions;
  if (!first) return;
  const owners = first.owners.map(({ serverSlug, toolName }) => `${serverSlug}/${toolName}`).join(' and ');
  const suggestions = first.owners.map(({ suggestion }) => suggestion).join(' or ');
  throw new NameCollisionError(
    `${owners} would both be shown as "${first.name}". Rename one, for example to ${suggestions}.`,
    collisions,
  );
}

/** An address is what a client asks for, so two servers cannot answer for one. */
function refuseSameAddresses(items: readonly JoinedItem[], shapeOf: (address: string) => string): void {
  for (const [first, second] of Map.groupBy(items, ({ name }) => shapeOf(name)).values()) {
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
export function refuseProblems(selected: readonly Selected[]): void {
  const problems = selected.flatMap(({ serverSlug, toolName, problem }) =>
    problem ? [{ serverSlug, toolName, ...problem }] : [],
  );
  const own = problems.find(isOwnProblem);
  if (own) throw new SelectionError('invalid', `${own.serverSlug}/${own.toolName}: ${own.text}`, problems);
  const [first] = problems;
  if (!first) return;
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : '';
  throw new SelectionError(
    'precondition',
    `${first.serverSlug}/${first.toolName} cannot be used: ${first.text}${more}. Take it out of the profile, or settle that first.`,
    problems,
  );
}
