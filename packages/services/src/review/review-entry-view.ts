import type { EntryDecision, Risk, Verdict } from '@gatehouse/db/client';
import { CatalogueEntry, type EntryDefinition, type EntryOf } from '@gatehouse/policy/documents/catalogue-entry';
import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { getDeclaredRisk } from '@gatehouse/policy/documents/risk';

import type { PersonName } from '../person-names.ts';
import type { PreviousDecision } from './previous-decisions.ts';
import { listScalarFields } from './schema-fields.ts';
import { suggestDecision } from './suggest.ts';

/** What a review says of every entry. */
interface Reviewed<Definition> {
  change: 'new' | 'changed' | 'unchanged';
  /** what was last decided on, when it was another definition */
  previousDefinition: Definition | null;
  decision: DecisionView;
}

interface DecisionView {
  verdict: Verdict;
  note: string | null;
  decidedBy: PersonName | null;
  decidedAt: Date | null;
}

/** What there is besides to decide on a tool. */
interface ToolQuestions {
  /** by the server's annotations */
  declaredRisk: Risk;
  /** the server does not say, which counts as destructive */
  assumed: boolean;
  suggestedRisk: Risk;
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
  previous: PreviousDecision | undefined,
  personOf: (id: string) => PersonName,
): ReviewEntryView {
  const entry = CatalogueEntry.parse(stored);
  const change = !previous ? 'new' : previous.pin === entry.pin ? 'unchanged' : 'changed';
  const before = previous && change === 'changed' ? CatalogueEntry.parse(previous) : null;
  const { verdict, note, decidedBy, decidedAt, risk, logArguments, logResults } = decided;
  const decision = { verdict, note, decidedBy: decidedBy === null ? null : personOf(decidedBy), decidedAt };
  if (entry.kind !== 'tool') return { ...entry, change, previousDefinition: before?.definition ?? null, decision };
  const declared = getDeclaredRisk(entry.definition);
  return {
    ...entry,
    change,
    previousDefinition: before?.kind === 'tool' ? before.definition : null,
    ...getToolQuestions(entry.definition),
    decision: { ...decision, risk: risk ?? declared.risk, logArguments, logResults },
  };
}

function getToolQuestions(definition: ToolDefinition): Omit<ToolQuestions, 'decision'> {
  const declared = getDeclaredRisk(definition);
  const suggestion = suggestDecision(definition);
  return {
    declaredRisk: declared.risk,
    assumed: declared.assumed,
    suggestedRisk: suggestion.risk,
    argumentFields: listScalarFields(definition.inputSchema).map(({ pointer }) => pointer),
    resultFields: listScalarFields(definition.outputSchema ?? {}).map(({ pointer }) => pointer),
    suggestedLogArguments: suggestion.logArguments,
    suggestedLogResults: suggestion.logResults,
  };
}
