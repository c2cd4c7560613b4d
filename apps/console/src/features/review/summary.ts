import { Risk } from '@gatehouse/policy/documents/definition';
import { countByKind, KIND_WORD, listCounts } from '@gatehouse/policy/documents/entry-counts';

import type { ApiOutput } from '../../trpc/client.tsx';
import { describeRisk } from '../../ui/status/badge.tsx';
import { countHidden, writeVisible } from '../../ui/text/visible-text.ts';

export type ReviewDetail = ApiOutput['review']['get'];
export type ReviewEntry = ReviewDetail['entries'][number];
export type ReviewTool = Extract<ReviewEntry, { kind: 'tool' }>;

/** How many things were found in it, settled or not. */
export function countFindings({ hiddenText, privatePassages, phrases, lookAlikes, foreignNames }: ReviewEntry): number {
  return hiddenText.length + privatePassages.length + phrases.length + lookAlikes.length + foreignNames.length;
}

/** Those that nobody has settled in this very text. */
export function countOpenFindings(entry: ReviewEntry): number {
  return countFindings(entry) - entry.findings.filter(({ state }) => state !== 'open').length;
}

export const hasOpenFindings = (entry: ReviewEntry): boolean => countOpenFindings(entry) > 0;

export const hasFindings = (entry: ReviewEntry): boolean => countFindings(entry) > 0;

/** The days for which an owner may approve this very text alone are over. */
export function isGlassOver(glassOver: ReviewDetail['glassOver'], { kind, name }: Pick<ReviewEntry, 'kind' | 'name'>): boolean {
  return glassOver?.entries.some((entry) => entry.kind === kind && entry.name === name) ?? false;
}

const FIRST_LINE = 200;

/** The first sentence or line of what an entry says of itself, for a row; empty when it says nothing. */
export function getFirstLine({ definition }: { definition: unknown }): string {
  const read = (key: string) => {
    const value: unknown = Object.getOwnPropertyDescriptor(Object(definition), key)?.value;
    return typeof value === 'string' ? value.trim() : '';
  };
  const [line = ''] = (read('description') || read('text') || read('title')).split(/(?<=[.!?])\s|[\r\n]/, 1);
  return line.length > FIRST_LINE ? `${line.slice(0, FIRST_LINE)}…` : line;
}

const ORDER = { changed: 0, new: 1, unchanged: 2 } as const satisfies Record<ReviewEntry['change'], number>;

/** What changed before what is new, and what stayed the same last; within these in the order in which they came. */
export function sortChangesFirst(entries: readonly ReviewEntry[]): ReviewEntry[] {
  return entries.toSorted((a, b) => ORDER[a.change] - ORDER[b.change]);
}

/** Nothing of it is hidden from who reads it, and nothing waits to be looked at: it can be approved together with others. */
export const isPlain = (entry: ReviewEntry): boolean => !hasOpenFindings(entry) && countHiddenInEntry(entry) === 0;

/** In name, description and every key and text of the schemas: all that a model would read of an entry. */
export function countHiddenInEntry({ definition }: { definition: unknown }): number {
  return countHiddenInValue(definition);
}

function countHiddenInValue(value: unknown): number {
  if (typeof value === 'string') return countHidden(value);
  if (typeof value !== 'object' || value === null) return 0;
  return Object.entries(value).reduce((sum, [key, part]) => sum + countHidden(key) + countHiddenInValue(part), 0);
}

/**
 * The review in plain sentences, for people who do not read schemas. Made from the data by fixed templates, never by a model, so the same
 * revision always reads the same.
 */
export function describeReview({ review, server, entries, removed, moves, heldBack, waiting }: ReviewDetail): string[] {
  const tools = entries.filter((entry) => entry.kind === 'tool');
  const others = entries.filter((entry) => entry.kind !== 'tool');
  const assumed = tools.filter((tool) => tool.assumed);
  return [
    `Revision ${review.revision.number} of ${server.name} offers ${describeTools(tools)}.`,
    ...describeDifferences(tools, { new: 'New', changed: 'Changed since the last decision' }),
    ...describeAny(
      removed.filter(({ kind }) => kind === 'tool'),
      (names) => `Not offered any more, or kept at its site: ${names}.`,
    ),
    ...describeMoves(moves),
    ...(tools.every(({ change }) => change === 'unchanged') ? ['No tool is new or changed.'] : []),
    ...describeAny(
      assumed,
      (names) => `The server does not say what ${names} may do, which counts as destructive until a reviewer says otherwise.`,
    ),
    ...describeHidden(tools),
    ...(others.length === 0 ? [] : [`It also offers ${describeOthers(others)}, which AI clients can read.`]),
    ...describeDifferences(others, { new: 'New among them', changed: 'Changed among them' }),
    ...describeAny(
      removed.filter(({ kind }) => kind !== 'tool'),
      (names) => `Not offered any more, or kept at its site: ${names}.`,
    ),
    ...describeHidden(others),
    ...describeAny(
      entries.filter(({ reworded }) => reworded.length > 0),
      (names) => `Worded otherwise at other looks, and the same beside that: ${names}.`,
    ),
    ...describeAny(
      entries.filter(({ notShown }) => notShown.length > 0),
      (names) => `AI clients do not get all of ${names}: the entry says which part, and why.`,
    ),
    ...(heldBack.length === 0 ? [] : ['The server has more than is here: what was left out is listed below, with the reasons.']),
    ...(review.state === 'open' && !waiting ? describeFindings(entries.filter(hasOpenFindings)) : []),
  ];
}

/** "3 tools: 2 read, 1 destructive": what they would do if nobody corrects it, the graver of what is declared and what a name suggests. */
function describeTools(tools: readonly ReviewTool[]): string {
  const count = `${tools.length} tool${tools.length === 1 ? '' : 's'}`;
  const risks = Risk.options
    .map((risk) => ({ risk, tools: tools.filter(({ weighedRisk }) => weighedRisk === risk).length }))
    .filter((risk) => risk.tools > 0)
    .map((risk) => `${risk.tools} ${describeRisk(risk.risk).toLowerCase()}`);
  return risks.length === 0 ? count : `${count}: ${risks.join(', ')}`;
}

function describeOthers(others: readonly ReviewEntry[]): string {
  const counts = listCounts(countByKind(others));
  return formatList(counts.map((part) => (part === KIND_WORD.instructions ? 'instructions for every model' : part)));
}

function describeDifferences(entries: readonly ReviewEntry[], words: { new: string; changed: string }): string[] {
  return (['new', 'changed'] as const).flatMap((wanted) =>
    describeAny(
      entries.filter(({ change }) => change === wanted),
      (names) => `${words[wanted]}: ${names}.`,
    ),
  );
}

/** What changed places is said as that: two changed entries may be two that swapped their names, and a new one may be an old one. */
function describeMoves(moves: ReviewDetail['moves']): string[] {
  const back = moves.filter(({ move }) => move === 'returned');
  return [
    ...moves.flatMap((each) => {
      const name = writeVisible(each.name);
      if (each.move === 'swapped')
        return `${name} and ${writeVisible(each.other)} have swapped: each has the definition that the other one had.`;
      return each.move === 'renamed'
        ? `${name} has the definition of ${writeVisible(each.from)}, which is not offered any more.`
        : [];
    }),
    ...describeAny(back, (names) => `Offered again, after it was gone: ${names}.`),
  ];
}

function describeHidden(entries: readonly ReviewEntry[]): string[] {
  const hidden = entries.filter((entry) => countHiddenInEntry(entry) > 0);
  const verb = hidden.length === 1 ? 'holds' : 'hold';
  return describeAny(hidden, (names) => `${names} ${verb} characters that a reader would not see.`);
}

function describeFindings(found: readonly ReviewEntry[]): string[] {
  const them = found.length === 1 ? 'it' : 'them';
  return describeAny(found, (names) => `Look at what was found in ${names} before you approve ${them}.`);
}

/** The sentence with the names of these; no sentence when there are none. */
function describeAny(named: readonly { name: string }[], toSentence: (names: string) => string): string[] {
  return named.length === 0 ? [] : [toSentence(formatList(named.map(({ name }) => name)))];
}

const LISTED = 6;

/** The first six, and how many more. */
export function formatList(names: readonly string[]): string {
  const shown = names.slice(0, LISTED);
  const more = names.length - shown.length;
  return new Intl.ListFormat('en', { type: 'conjunction' }).format(more > 0 ? [...shown, `${more} more`] : shown);
}
