import type { EntryDecision } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { type Risk, ToolDefinition } from '@gatehouse/policy/documents/definition';
import { getDeclaredRisk, pickGraverRisk, type RiskOpinions, weighRisk } from '@gatehouse/policy/documents/risk';
import { deriveNamedRisk } from '@gatehouse/policy/names/named-risk';

import { type DecisionElsewhere, listDecisionsElsewhere } from './decisions-elsewhere.ts';
import { type EntryFindings, findInEntries } from './findings/entry-findings.ts';
import { listNamed, loadSettled, type NamedFinding, type SettledFinding, toTextKey } from './findings/finding-states.ts';
import { findForeignNames } from './findings/foreign-names.ts';
import { getPreviousDecisions, listNewestDecisions, type NewestDecision, type PreviousDecision } from './previous-decisions.ts';
import { isGlassBroken, type LoadedReview } from './require-review.ts';

export interface WeighedTool {
  definition: ToolDefinition;
  opinions: RiskOpinions;
  weighed: Risk;
}

/** What there is to say of an entry before it is decided. */
export interface WeighedEntry {
  tool: WeighedTool | null;
  /** the gravest risk that a tool of this name got when it was decided on last, here and under every other name of the upstream */
  decidedRisk: Risk | null;
  /** this very definition was rejected when it was decided on last, in whatever review and under whatever name of the upstream */
  wasRejected: boolean;
  elsewhere: readonly DecisionElsewhere[];
  /** of this review, the newest on this definition and not by break-glass: what is decided again and left like this is decided already */
  inEffect: EntryDecision | null;
  findings: EntryFindings;
  /** each of them, with what was said of it in this very text; null: nobody has said anything */
  named: readonly (NamedFinding & { settled: SettledFinding | null })[];
}

/**
 * By `toEntryKey`, every entry of the revision, weighed against every decision in any other review of its upstream, and what was decided before
 * this one, whatever is offered now. Throws when a definition cannot be parsed.
 */
export async function weighEntries(
  tx: TenantTx,
  review: LoadedReview,
): Promise<{ entries: ReadonlyMap<string, WeighedEntry>; previous: ReadonlyMap<string, PreviousDecision> }> {
  const previous = await getPreviousDecisions(tx, review);
  const newest = await listNewestDecisions(tx, review);
  const saidElsewhere = await listDecisionsElsewhere(tx, review);
  const rows = new Map(review.decisions.map((row) => [toEntryKey(row), row]));
  const known = [...previous.values()];
  const found = findInEntries(review.revision.entries, known, await findForeignNames(tx, review, known));
  const settled = await loadSettled(tx, review);
  const { decidedAt } = review;
  const isLater = (decision: NewestDecision | undefined) => decision && decidedAt !== null && decision.decidedAt >= decidedAt;
  const entries = new Map(
    review.revision.entries.flatMap((entry): [string, WeighedEntry][] => {
      const key = toEntryKey(entry);
      const findings = found.get(key);
      if (!findings) return [];
      const row = rows.get(key);
      const [last] = newest.get(key) ?? [];
      const lastOnPin = newest.get(key)?.find(({ pin }) => pin === entry.pin);
      const inEffect = decidedAt !== null && !isGlassBroken(review) && row && !isLater(lastOnPin) ? row : null;
      const elsewhere = saidElsewhere.get(key) ?? [];
      const wasRejected =
        row?.verdict === 'rejected' ||
        (!inEffect && lastOnPin?.verdict === 'rejected') ||
        elsewhere.some(({ isSame, verdict }) => isSame && verdict === 'rejected');
      const decidedRisk = pickGravest([isLater(last) ? last : (inEffect ?? last), ...elsewhere]);
      const tool = entry.kind === 'tool' ? weighTool(ToolDefinition.parse(entry.definition), decidedRisk) : null;
      const said = settled.get(toTextKey(entry));
      const named = listNamed(findings).map((each) => ({ ...each, settled: said?.get(each.id) ?? null }));
      return [[key, { tool, decidedRisk, wasRejected, elsewhere, inEffect, findings, named }]];
    }),
  );
  return { entries, previous };
}

function pickGravest(decisions: readonly ({ risk: Risk | null } | undefined)[]): Risk | null {
  const risks = decisions.flatMap((decision) => decision?.risk ?? []);
  return risks.length === 0 ? null : risks.reduce(pickGraverRisk);
}

/** A tool with the opinions on its risk and the gravest of these. */
export function weighTool(definition: ToolDefinition, decided: Risk | null): WeighedTool {
  const opinions = { declared: getDeclaredRisk(definition).risk, named: deriveNamedRisk(definition), decided };
  return { definition, opinions, weighed: weighRisk(opinions) };
}
