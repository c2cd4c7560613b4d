import { Risk } from '@gatehouse/policy/documents/definition';

import type { ApiOutput } from '../../trpc/client.tsx';
import { describeRisk } from '../../ui/status/badge.tsx';
import { countHidden } from '../../ui/text/visible-text.ts';

export type ReviewDetail = ApiOutput['review']['get'];
export type ReviewEntry = ReviewDetail['entries'][number];
export type ReviewTool = Extract<ReviewEntry, { kind: 'tool' }>;

const LISTED = 6;

function formatList(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  const more = names.length - shown.length;
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(more > 0 ? [...shown, `${more} more`] : shown);
}

const formatToolCount = (count: number): string => `${count} tool${count === 1 ? '' : 's'}`;

/** In name, description and every key and text of the schemas: all that a model would read of an entry. */
export function countHiddenInEntry({ definition }: { definition: unknown }): number {
  return countHiddenInValue(definition);
}

function countHiddenInValue(value: unknown): number {
  if (typeof value === 'string') return countHidden(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, part]) => sum + countHidden(key) + countHiddenInValue(part), 0);
}

/** What the tool would do when nobody corrects it: the graver of what the server declares and what its name suggests. */
function describeRiskCounts(reviewed: readonly ReviewTool[]): string {
  return Risk.options
    .map((risk) => ({ risk, count: reviewed.filter(({ suggestedRisk }) => suggestedRisk === risk).length }))
    .filter(({ count }) => count > 0)
    .map(({ risk, count }) => `${count} ${describeRisk(risk).toLowerCase()}`)
    .join(', ');
}

/**
 * The review in plain sentences, for people who do not read schemas. Made from the data by fixed templates, never by a model, so the same
 * revision always reads the same.
 */
export function describeReview(detail: ReviewDetail): string[] {
  return [...describeTools(detail), ...describeOthers(detail)];
}

/** What is no tool: what is offered, and what is different. */
function describeOthers(detail: ReviewDetail): string[] {
  const others = detail.entries.filter((entry) => entry.kind !== 'tool');
  const removed = detail.removed.filter(({ kind }) => kind !== 'tool').map(({ name }) => name);
  const counted = (count: number, one: string): string[] => (count === 0 ? [] : [`${count} ${one}${count === 1 ? '' : 's'}`]);
  const ofKind = (wanted: ReviewEntry['kind']): number => others.filter(({ kind }) => kind === wanted).length;
  const offered = [
    ...counted(ofKind('prompt'), 'prompt'),
    ...counted(ofKind('resource'), 'resource'),
    ...counted(ofKind('template'), 'resource template'),
    ...(ofKind('instructions') > 0 ? ['instructions for every model'] : []),
  ];
  const [added, changed] = [listNames(others, 'new'), listNames(others, 'changed')];
  const hidden = others.filter((entry) => countHiddenInEntry(entry) > 0).map(({ name }) => name);
  return [
    ...(offered.length > 0 ? [`It also offers ${formatList(offered)}, which AI clients can read.`] : []),
    ...(added.length > 0 ? [`New among them: ${formatList(added)}.`] : []),
    ...(changed.length > 0 ? [`Changed among them: ${formatList(changed)}.`] : []),
    ...(removed.length > 0 ? [`No longer offered: ${formatList(removed)}.`] : []),
    ...(hidden.length > 0 ? [describeHidden(hidden)] : []),
  ];
}

const listNames = (entries: readonly ReviewEntry[], wanted: ReviewEntry['change']): string[] =>
  entries.filter(({ change }) => change === wanted).map(({ name }) => name);

const describeHidden = (names: readonly string[]): string =>
  `${formatList(names)} ${names.length === 1 ? 'holds' : 'hold'} characters that a reader would not see.`;

function describeTools({ review, server, entries, removed }: ReviewDetail): string[] {
  const reviewed = entries.filter((entry) => entry.kind === 'tool');
  const gone = removed.filter(({ kind }) => kind === 'tool').map(({ name }) => name);
  const [added, changed] = [listNames(reviewed, 'new'), listNames(reviewed, 'changed')];
  const assumed = reviewed.filter((tool) => tool.assumed);
  const hidden = reviewed.filter((tool) => countHiddenInEntry(tool) > 0).map(({ name }) => name);
  const sentences = [
    `Revision ${review.revision.number} of ${server.name} offers ${formatToolCount(reviewed.length)}${reviewed.length === 0 ? '' : `: ${describeRiskCounts(reviewed)}`}.`,
  ];
  if (added.length > 0) sentences.push(`New: ${formatList(added)}.`);
  if (changed.length > 0) sentences.push(`Changed since the last decision: ${formatList(changed)}.`);
  if (gone.length > 0) sentences.push(`No longer offered: ${formatList(gone)}.`);
  if (added.length + changed.length === 0) sentences.push('No tool is new or changed.');
  if (assumed.length > 0) {
    sentences.push(
      `The server does not say what ${formatList(assumed.map(({ name }) => name))} may do, which counts as destructive until a reviewer says otherwise.`,
    );
  }
  if (hidden.length > 0) sentences.push(describeHidden(hidden));
  return sentences;
}
