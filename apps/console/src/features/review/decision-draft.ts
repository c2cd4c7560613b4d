import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import type { Risk } from '@gatehouse/policy/documents/definition';
import { isLowered, takesTwoPeople } from '@gatehouse/policy/documents/risk';

import type { ApiInput } from '../../trpc/client.tsx';
import { describeCount } from '../../ui/text/count.ts';
import { hasOpenFindings, isPlain, type ReviewDetail, type ReviewEntry } from './summary.ts';

type Decision = ApiInput['review']['decide']['decisions'][number];

interface Chosen {
  name: string;
  verdict: 'approved' | 'rejected' | null;
  note: string;
  /** the reviewer has ticked that they looked at the hidden text, where there is any */
  seenHidden?: boolean | undefined;
  /** JSON Pointers of texts that the server may word otherwise */
  ignored: readonly string[];
}

export interface ToolDraft extends Chosen {
  kind: 'tool';
  risk: Risk;
  logArguments: readonly string[];
  logResults: readonly string[];
}

/** What the reviewer has chosen for one entry so far. Nothing is sent before the whole review is decided. */
export type EntryDraft = ToolDraft | (Chosen & { kind: Exclude<ReviewEntry['kind'], 'tool'> });

/** By `toEntryKey`. */
export type ReviewDraft = Readonly<Record<string, EntryDraft>>;

/**
 * What waits for a second person, else what stands. Open ones start undecided and log no value: what leaves the site is ticked by a person.
 */
export function createReviewDraft({
  entries,
  waiting,
  canApprove,
}: Pick<ReviewDetail, 'entries'> & Partial<ReviewDetail>): ReviewDraft {
  const proposed = new Map(
    (waiting?.decisions ?? []).map((choice) => [toEntryKey(choice), { ...choice, note: choice.note ?? '' }]),
  );
  return Object.fromEntries(
    entries.map((entry): [string, EntryDraft] => {
      const key = toEntryKey(entry);
      return [key, proposed.get(key) ?? createEntryDraft(entry, canApprove?.ok ?? true)];
    }),
  );
}

function createEntryDraft(entry: ReviewEntry, mayApprove: boolean): EntryDraft {
  const { kind, name, decision } = entry;
  if (entry.former && mayApprove) return fillFormer(entry, entry.former);
  const verdict = decision.verdict === 'pending' ? null : decision.verdict;
  const note = decision.note ?? '';
  const seenHidden = verdict === 'approved';
  const chosen = { name, verdict, note, seenHidden, ignored: decision.ignored };
  if (kind !== 'tool') return { kind, ...chosen };
  if (verdict === null) return { kind, ...chosen, risk: entry.weighedRisk, logArguments: [], logResults: [] };
  const { risk, logArguments, logResults } = entry.decision;
  return { kind, ...chosen, risk, logArguments, logResults };
}

/**
 * As it was decided at another address, so that only what is otherwise takes work: a rejection keeps its reason. Hidden text is looked at anew, and a risk is never less than
 * weighs now.
 */
function fillFormer(entry: ReviewEntry, former: NonNullable<ReviewEntry['former']>): EntryDraft {
  const { name } = entry;
  const { verdict, risk, logArguments, logResults, ignored } = former;
  const note = verdict === 'rejected' ? (former.note ?? '') : '';
  const chosen = { name, verdict, note, seenHidden: false, ignored: [...ignored] };
  if (entry.kind !== 'tool') return { kind: entry.kind, ...chosen };
  const grave = risk === null || isLowered(entry.weighedRisk, risk) ? entry.weighedRisk : risk;
  return { kind: entry.kind, ...chosen, risk: grave, logArguments, logResults };
}

/** Undecided tools that may be approved together: none is destructive, reaches the open world or hides something from its reader. */
export function filterPlainTools(draft: ReviewDraft, entries: readonly ReviewEntry[]): ReviewEntry[] {
  return entries.filter((entry) => {
    const chosen = draft[toEntryKey(entry)];
    if (entry.kind !== 'tool' || chosen?.kind !== 'tool' || chosen.verdict !== null) return false;
    const isHarmless = !takesTwoPeople(entry.weighedRisk, chosen.risk) && !entry.wasRejected && chosen.risk !== 'open_world';
    return isHarmless && isPlain(entry);
  });
}

/** Undecided prompts, resources and instructions that may be approved together. */
export function filterPlainOthers(draft: ReviewDraft, entries: readonly ReviewEntry[]): ReviewEntry[] {
  return entries.filter(
    (entry) => entry.kind !== 'tool' && draft[toEntryKey(entry)]?.verdict === null && isPlain(entry) && !entry.wasRejected,
  );
}

/** What nobody has decided yet. */
export function listUndecided(draft: ReviewDraft, entries: readonly ReviewEntry[]): ReviewEntry[] {
  return entries.filter((entry) => draft[toEntryKey(entry)]?.verdict === null);
}

/** Gives every undecided one of these the same verdict, and `note` where it has none; what was decided one by one stays. */
export function decideAll(
  draft: ReviewDraft,
  entries: readonly ReviewEntry[],
  verdict: 'approved' | 'rejected',
  note = '',
): ReviewDraft {
  const next = entries.flatMap((entry): [string, EntryDraft][] => {
    const chosen = draft[toEntryKey(entry)];
    if (!chosen || chosen.verdict !== null) return [];
    return [[toEntryKey(entry), { ...chosen, verdict, note: chosen.note.trim() === '' ? note : chosen.note }]];
  });
  return { ...draft, ...Object.fromEntries(next) };
}

/** What was decided together is as it was before; what was chosen otherwise since then stays. */
export function takeBackTogether(draft: ReviewDraft, { before, made }: { before: ReviewDraft; made: ReviewDraft }): ReviewDraft {
  const back = Object.entries(before).filter(([key, chosen]) => made[key] !== chosen && draft[key] === made[key]);
  return { ...draft, ...Object.fromEntries(back) };
}

/** True when one person cannot approve it like this. `stands`: it is decided again, and may stay as it is. */
export function takesTwo(entry: ReviewEntry, chosen: EntryDraft, stands: boolean): boolean {
  if (chosen.verdict !== 'approved' || (stands && isKept(entry, chosen))) return false;
  if (entry.wasRejected) return true;
  return entry.kind === 'tool' && chosen.kind === 'tool' && takesTwoPeople(entry.weighedRisk, chosen.risk);
}

/** Left as it was approved; to log less of it, or to ignore less, is less. */
function isKept({ decision }: ReviewEntry, chosen: EntryDraft): boolean {
  if (decision.verdict !== 'approved') return false;
  if (!chosen.ignored.every((pointer) => decision.ignored.includes(pointer))) return false;
  if (chosen.kind !== 'tool' || !('risk' in decision)) return true;
  const { risk, logArguments, logResults } = decision;
  const logsNoMore = (now: readonly string[], before: readonly string[]) => now.every((pointer) => before.includes(pointer));
  return risk === chosen.risk && logsNoMore(chosen.logArguments, logArguments) && logsNoMore(chosen.logResults, logResults);
}

/** True when a tool would be approved with less risk than weighs, which takes a reason. */
export function lowersRisk(entry: ReviewEntry, chosen: EntryDraft): boolean {
  const isApproved = entry.kind === 'tool' && chosen.kind === 'tool' && chosen.verdict === 'approved';
  return isApproved && isLowered(entry.weighedRisk, chosen.risk);
}

/** True when it would be rejected and nobody has said why, unless it is `stands` and was rejected before. */
export function takesReason(entry: ReviewEntry, chosen: EntryDraft, stands: boolean): boolean {
  if (chosen.verdict !== 'rejected' || chosen.note.trim() !== '') return false;
  return !(stands && entry.decision.verdict === 'rejected');
}

/** "Audit shows 2 values": what leaves the site of each call, in words of whoever reads it later. */
export function describeLogged({ logArguments, logResults }: Pick<ToolDraft, 'logArguments' | 'logResults'>): string {
  const count = logArguments.length + logResults.length;
  return count === 0 ? 'Audit shows no values' : `Audit shows ${describeCount(count, 'value')}`;
}

/** Names of the tools that would be approved with nothing to log: of their calls the audit has types and sizes alone. */
export function listShapesOnly(draft: ReviewDraft): string[] {
  return Object.values(draft).flatMap((chosen) => {
    const isTool = chosen.kind === 'tool' && chosen.verdict === 'approved';
    return isTool && chosen.logArguments.length + chosen.logResults.length === 0 ? [chosen.name] : [];
  });
}

export interface Tally {
  approved: number;
  rejected: number;
  undecided: number;
}

export function countVerdicts(draft: ReviewDraft): Tally {
  const verdicts = Object.values(draft).map(({ verdict }) => verdict);
  const count = (wanted: EntryDraft['verdict']) => verdicts.filter((verdict) => verdict === wanted).length;
  return { approved: count('approved'), rejected: count('rejected'), undecided: count(null) };
}

/** "Approve 3, reject 1": what the button does. Without a noun when not all of them are tools. */
export function describeTally({ approved, rejected }: Tally, onlyTools = true): string {
  const noun = (count: number): string => (onlyTools ? (count === 1 ? ' tool' : ' tools') : '');
  if (rejected === 0) return `Approve ${approved}${noun(approved)}`;
  if (approved === 0) return `Reject ${rejected}${noun(rejected)}`;
  return `Approve ${approved}, reject ${rejected}`;
}

/** Names of what would be approved although what was found in it was not looked at. */
export function listUnseen(draft: ReviewDraft, entries: readonly ReviewEntry[]): string[] {
  return entries.flatMap((entry) => {
    const chosen = draft[toEntryKey(entry)];
    return hasOpenFindings(entry) && chosen?.verdict === 'approved' && !chosen.seenHidden ? [entry.name] : [];
  });
}

/** True when the noun "tools" fits everything that is decided. */
export const hasOnlyTools = (draft: ReviewDraft): boolean => Object.values(draft).every(({ kind }) => kind === 'tool');

/** What `review.decide` is told, once every entry is decided. */
export function toDecisions(draft: ReviewDraft): Decision[] {
  return Object.values(draft).flatMap((chosen) => (chosen.verdict === null ? [] : [toDecision(chosen, chosen.verdict)]));
}

function toDecision(chosen: EntryDraft, verdict: 'approved' | 'rejected'): Decision {
  const { seenHidden } = chosen;
  const ignored = verdict === 'approved' ? [...chosen.ignored] : [];
  const said = {
    verdict,
    ...(chosen.note.trim() && { note: chosen.note.trim() }),
    ...(seenHidden && { seenHidden }),
    ...(ignored.length > 0 && { ignored }),
  };
  if (chosen.kind !== 'tool') return { kind: chosen.kind, name: chosen.name, ...said };
  const { kind, name, risk, logArguments, logResults } = chosen;
  return { kind, name, risk, logArguments: [...logArguments], logResults: [...logResults], ...said };
}
