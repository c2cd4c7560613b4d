import type { EntryDecision, Risk, Verdict } from '@gatehouse/db/client';
import { type LeftOutPart, listUnfitParts } from '@gatehouse/policy/compile/fit-clients';
import { CatalogueEntry, type EntryDefinition, type EntryOf, type EntryRef } from '@gatehouse/policy/documents/catalogue-entry';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { getDeclaredRisk, type RiskOpinions } from '@gatehouse/policy/documents/risk';
import type { SchemaNote } from '@gatehouse/policy/schema/read-schema';
import { listSchemaNotes } from '@gatehouse/policy/schema/schema-notes';

import type { PersonName } from '../person-names.ts';
import type { DecisionElsewhere } from './decisions-elsewhere.ts';
import type { EntryFindings } from './findings/entry-findings.ts';
import type { NamedFinding, SettledFinding } from './findings/finding-states.ts';
import { listReworded } from './other-texts.ts';
import type { PreviousDecision } from './previous-decisions.ts';
import { listScalarFields } from './schema-fields.ts';
import { suggestLogging } from './suggest.ts';
import { type WeighedEntry, weighTool } from './weigh-entries.ts';

/** What a review says of every entry. */
interface Reviewed<Definition> extends EntryFindings {
  change: 'new' | 'changed' | 'unchanged';
  /** what was last decided on, when it was another definition; null also when what is stored of that is not what was decided on */
  previousDefinition: Definition | null;
  /** this very definition was rejected when it was decided on last: approving it takes two people */
  wasRejected: boolean;
  /** what was decided on it where the same upstream has another name, and what waits in other reviews: a graver risk and a rejection count here */
  elsewhere: Omit<DecisionElsewhere, keyof EntryRef>[];
  /** parts of it that clients do not get, because the types of the protocol do not allow what stands there */
  notShown: LeftOutPart[];
  /** how its schemas are read for checking, where that is not as they are written */
  schemaNotes: SchemaNote[];
  /** JSON Pointers of texts in which alone it differs from what the server offered at other looks: what an approval may ignore. None for most */
  reworded: string[];
  decision: DecisionView;
  /** each finding, in the order in which they are listed, and what was said of it in this very text */
  findings: FindingView[];
  /** what was decided on this very definition at the address that the server had before, where nobody has decided here: a form may start with it */
  former: FormerDecision | null;
}

/** Stands nowhere: it only spares a reviewer the typing. */
export type FormerDecision = Pick<PreviousDecision, 'risk' | 'logArguments' | 'logResults' | 'ignored' | 'note'> & {
  verdict: 'approved' | 'rejected';
};

/** A finding and its state. `id` names it for `review.settleFinding`. */
export interface FindingView extends NamedFinding {
  state: SettledFinding['state'] | 'open';
  /** why it is no problem */
  reason: string | null;
  by: PersonName | null;
  at: Date | null;
}

interface DecisionView {
  verdict: Verdict;
  note: string | null;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
  /** JSON Pointers of texts that it ignores */
  ignored: string[];
}

/** What there is besides to decide on a tool. */
interface ToolQuestions {
  /** what its server declares, what its name and texts suggest, what was decided before */
  opinions: RiskOpinions;
  /** the server does not say, which counts as destructive */
  assumed: boolean;
  /** the gravest of these: less than this takes two people and a reason */
  weighedRisk: Risk;
  /** JSON Pointers of the single-value fields that the schemas declare: what can be logged */
  argumentFields: string[];
  resultFields: string[];
  /** out of these */
  suggestedLogArguments: string[];
  suggestedLogResults: string[];
  decision: { risk: Risk; logArguments: string[]; logResults: string[] };
}

/**
 * One entry to decide on, with exactly what AI clients would read of it: untrusted text. What is not a tool only reads, so it has no risk.
 */
export type ReviewEntryView =
  | (EntryOf<'tool'> & Reviewed<ToolDefinition> & ToolQuestions)
  | (Exclude<CatalogueEntry, { kind: 'tool' }> & Reviewed<EntryDefinition>);

/** Puts together the definition, the decision on it in this review, and the last one before. Throws when a definition cannot be parsed. */
export function toReviewEntryView(
  stored: { kind: CatalogueEntry['kind']; name: string; pin: string; definition: unknown },
  decided: EntryDecision,
  {
    previous,
    wasRejected,
    decidedRisk,
    otherTexts,
    findings,
    named,
    ...weighed
  }: Pick<WeighedEntry, 'wasRejected' | 'decidedRisk' | 'elsewhere' | 'findings' | 'named'> & {
    previous: PreviousDecision | undefined;
    /** what the server offered under the name at other looks */
    otherTexts: readonly CatalogueEntry[] | undefined;
  },
  personOf: (id: string) => PersonName,
): ReviewEntryView {
  const entry = CatalogueEntry.parse(stored);
  const change: Reviewed<unknown>['change'] = !previous ? 'new' : previous.pin === entry.pin ? 'unchanged' : 'changed';
  const before = previous && change === 'changed' ? (PinnedEntry.safeParse(previous).data ?? null) : null;
  const { verdict, note, decidedBy, decidedAt, ignored, risk, logArguments, logResults } = decided;
  const decision = { verdict, note, decidedBy: decidedBy === null ? null : personOf(decidedBy), decidedAt, ignored };
  const elsewhere = weighed.elsewhere.map(({ kind: _kind, name: _name, ...said }) => said);
  const notes = {
    notShown: listUnfitParts(entry.kind, entry.definition),
    schemaNotes: entry.kind === 'tool' ? listSchemaNotes(entry.definition) : [],
  };
  const former = verdict === 'pending' && change === 'unchanged' ? toFormer(previous) : null;
  const reviewed = {
    change,
    wasRejected,
    elsewhere,
    former,
    reworded: listReworded(entry, otherTexts),
    ...findings,
    ...notes,
    findings: named.map(toFindingView(personOf)),
  };
  if (entry.kind !== 'tool') return { ...entry, ...reviewed, previousDefinition: before?.definition ?? null, decision };
  const questions = getToolQuestions(entry.definition, decidedRisk);
  return {
    ...entry,
    ...reviewed,
    previousDefinition: before?.kind === 'tool' ? before.definition : null,
    ...questions,
    decision: { ...decision, risk: risk ?? questions.opinions.declared, logArguments, logResults },
  };
}

const toFindingView =
  (personOf: (id: string) => PersonName) =>
  ({ settled, ...found }: WeighedEntry['named'][number]): FindingView =>
    settled
      ? { ...found, state: settled.state, reason: settled.reason, by: personOf(settled.by), at: settled.at }
      : { ...found, state: 'open', reason: null, by: null, at: null };

function toFormer(previous: PreviousDecision | undefined): FormerDecision | null {
  if (!previous?.isFormer || previous.verdict === 'pending') return null;
  const { verdict, risk, logArguments, logResults, ignored, note } = previous;
  return { verdict, risk, logArguments, logResults, ignored, note };
}

function getToolQuestions(definition: ToolDefinition, decidedRisk: Risk | null): Omit<ToolQuestions, 'decision'> {
  const { opinions, weighed } = weighTool(definition, decidedRisk);
  const suggestion = suggestLogging(definition);
  return {
    opinions,
    assumed: getDeclaredRisk(definition).assumed,
    weighedRisk: weighed,
    argumentFields: listScalarFields(definition.inputSchema).map(({ pointer }) => pointer),
    resultFields: listScalarFields(definition.outputSchema ?? {}).map(({ pointer }) => pointer),
    suggestedLogArguments: suggestion.logArguments,
    suggestedLogResults: suggestion.logResults,
  };
}
