import type { ApiOutput } from '../../trpc/client.tsx';
import { riskWord } from '../../ui/status/badge.tsx';
import { hiddenCount } from '../../ui/text/visible-text.ts';

export type ReviewDetail = ApiOutput['review']['get'];
export type ReviewEntry = ReviewDetail['entries'][number];
export type ReviewTool = Extract<ReviewEntry, { kind: 'tool' }>;

const LISTED = 6;
const RISKS = ['read', 'write', 'destructive', 'open_world'] as const;

function list(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  const more = names.length - shown.length;
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(more > 0 ? [...shown, `${more} more`] : shown);
}

const tools = (count: number): string => `${count} tool${count === 1 ? '' : 's'}`;

/** In name, description and every key and text of the schemas: all that a model would read of an entry. */
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
  return [...toolSentences(detail), ...otherSentences(detail)];
}

/** What is no tool: what is offered, and what is different. */
function otherSentences(detail: ReviewDetail): string[] {
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
  const [added, changed] = [namesOf(others, 'new'), namesOf(others, 'changed')];
  const hidden = others.filter((entry) => hiddenCharacters(entry) > 0).map(({ name }) => name);
  return [
    ...(offered.length > 0 ? [`It also offers ${list(offered)}, which AI clients can read.`] : []),
    ...(added.length > 0 ? [`New among them: ${list(added)}.`] : []),
    ...(changed.length > 0 ? [`Changed among them: ${list(changed)}.`] : []),
    ...(removed.length > 0 ? [`No longer offered: ${list(removed)}.`] : []),
    ...(hidden.length > 0 ? [holdsHidden(hidden)] : []),
  ];
}

const namesOf = (entries: readonly ReviewEntry[], wanted: ReviewEntry['change']): string[] =>
  entries.filter(({ change }) => change === wanted).map(({ name }) => name);

const holdsHidden = (names: readonly string[]): string =>
  `${list(names)} ${names.length === 1 ? 'holds' : 'hold'} characters that a reader would not see.`;

function toolSentences({ review, server, entries, removed }: ReviewDetail): string[] {
  const reviewed = entries.filter((entry) => entry.kind === 'tool');
  const gone = removed.filter(({ kind }) => kind === 'tool').map(({ name }) => name);
  const [added, changed] = [namesOf(reviewed, 'new'), namesOf(reviewed, 'changed')];
  const assumed = reviewed.filter((tool) => tool.assumed);
  const hidden = reviewed.filter((tool) => hiddenCharacters(tool) > 0).map(({ name }) => name);
  const sentences = [
    `Revision ${review.revision.number} of ${server.name} offers ${tools(reviewed.length)}${reviewed.length === 0 ? '' : `: ${risksOf(reviewed)}`}.`,
  ];
  if (added.length > 0) sentences.push(`New: ${list(added)}.`);
  if (changed.length > 0) sentences.push(`Changed since the last decision: ${list(changed)}.`);
  if (gone.length > 0) sentences.push(`No longer offered: ${list(gone)}.`);
  if (added.length + changed.length === 0) sentences.push('No tool is new or changed.');
  if (assumed.length > 0) {
    sentences.push(
      `The server does not say what ${list(assumed.map(({ name }) => name))} may do, which counts as destructive until a reviewer says otherwise.`,
    );
  }
  if (hidden.length > 0) sentences.push(holdsHidden(hidden));
  return sentences;
}
