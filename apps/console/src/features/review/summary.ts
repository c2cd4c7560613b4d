import type { ApiOutput } from '../../trpc/client.tsx';
import { riskWord } from '../../ui/badge.tsx';
import { hiddenCount } from '../../ui/visible-text.ts';

type Reviewed = ApiOutput['review']['get'];
export type ReviewTool = Extract<Reviewed['entries'][number], { kind: 'tool' }>;
/** Everything that is no tool. */
export type ReviewItem = Exclude<Reviewed['entries'][number], { kind: 'tool' }>;

/** A review with its tools apart: only they have a risk to decide on. */
export interface ReviewDetail extends Omit<Reviewed, 'entries' | 'removed'> {
  tools: ReviewTool[];
  removedTools: string[];
  items: ReviewItem[];
  removedItems: Reviewed['removed'];
}

export function detailOf({ entries, removed, ...rest }: Reviewed): ReviewDetail {
  return {
    ...rest,
    tools: entries.filter((entry) => entry.kind === 'tool'),
    items: entries.filter((entry) => entry.kind !== 'tool'),
    removedTools: removed.filter(({ kind }) => kind === 'tool').map(({ name }) => name),
    removedItems: removed.filter(({ kind }) => kind !== 'tool'),
  };
}

const LISTED = 6;
const RISKS = ['read', 'write', 'destructive', 'open_world'] as const;

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  const more = names.length - shown.length;
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(more > 0 ? [...shown, `${more} more`] : shown);
}

const tools = (count: number): string => `${count} tool${count === 1 ? '' : 's'}`;

/** In name, description and every key and text of the schemas: all that a model would read of a tool, prompt or resource. */
export function hiddenCharacters({ definition }: { definition: unknown }): number {
  return hiddenIn(definition);
}

function hiddenIn(value: unknown): number {
  if (typeof value === 'string') return hiddenCount(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, part]) => sum + hiddenCount(key) + hiddenIn(part), 0);
}

/** What the tool would do when nobody corrects it: the graver of what the server declares and what its name suggests. */
function risksOf(reviewed: readonly ReviewTool[]): string {
  return RISKS.map((risk) => ({ risk, count: reviewed.filter(({ suggestedRisk }) => suggestedRisk === risk).length }))
    .filter(({ count }) => count > 0)
    .map(({ risk, count }) => `${count} ${riskWord(risk).toLowerCase()}`)
    .join(', ');
}

/**
 * The review in plain sentences, for people who do not read schemas. Made from the data by fixed templates, never by a model, so the same
 * revision always reads the same.
 */
export function summarySentences(detail: ReviewDetail): string[] {
  return [...toolSentences(detail), ...itemSentences(detail)];
}

/** What is no tool: what is offered, and what is different. */
function itemSentences({ items, removedItems }: ReviewDetail): string[] {
  if (items.length + removedItems.length === 0) return [];
  const counted = (count: number, one: string): string[] => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const ofKind = (kind: ReviewItem['kind']): number => items.filter((item) => item.kind === kind).length;
  const offered = [
    ...counted(ofKind('prompt'), 'prompt'),
    ...counted(ofKind('resource'), 'resource'),
    ...counted(ofKind('template'), 'resource template'),
    ...(ofKind('instructions') > 0 ? ['instructions for every model'] : []),
  ];
  const named = (change: ReviewItem['change']) => items.filter((item) => item.change === change).map(({ name }) => name);
  const [added, changed] = [named('new'), named('changed')];
  const hidden = items.filter((item) => hiddenCharacters(item) > 0).map(({ name }) => name);
  return [
    ...(offered.length > 0 ? [`It also offers ${list(offered)}, which AI clients can read.`] : []),
    ...(added.length > 0 ? [`New among them: ${list(added)}.`] : []),
    ...(changed.length > 0 ? [`Changed among them: ${list(changed)}.`] : []),
    ...(removedItems.length > 0 ? [`No longer offered: ${list(removedItems.map(({ name }) => name))}.`] : []),
    ...(hidden.length > 0 ? [holdsHidden(hidden)] : []),
  ];
}

const holdsHidden = (names: readonly string[]): string =>
  `${list(names)} ${names.length === 1 ? 'holds' : 'hold'} characters that a reader would not see.`;

function toolSentences({ review, server, tools: reviewed, removedTools }: ReviewDetail): string[] {
  const named = (change: ReviewTool['change']) => reviewed.filter((tool) => tool.change === change).map(({ name }) => name);
  const [added, changed] = [named('new'), named('changed')];
  const assumed = reviewed.filter((tool) => tool.assumed);
  const hidden = reviewed.filter((tool) => hiddenCharacters(tool) > 0).map(({ name }) => name);
  const sentences = [
    `Revision ${review.revision.number} of ${server.name} offers ${tools(reviewed.length)}${reviewed.length === 0 ? '' : `: ${risksOf(reviewed)}`}.`,
  ];
  if (added.length > 0) sentences.push(`New: ${list(added)}.`);
  if (changed.length > 0) sentences.push(`Changed since the last decision: ${list(changed)}.`);
  if (removedTools.length > 0) sentences.push(`No longer offered: ${list(removedTools)}.`);
  if (added.length + changed.length === 0) sentences.push('No tool is new or changed.');
  if (assumed.length > 0) {
    sentences.push(
      `The server does not say what ${list(assumed.map(({ name }) => name))} may do, which counts as destructive until a reviewer says otherwise.`,
    );
  }
  if (hidden.length > 0) sentences.push(holdsHidden(hidden));
  return sentences;
}
