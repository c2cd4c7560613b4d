import type { FindingVerdict } from '@gatehouse/db/client';
import type { TenantTx } from '@gatehouse/db/tenant';
import { hashContent } from '@gatehouse/policy/documents/content-hash';

import type { LoadedReview } from '../require-review.ts';
import type { EntryFindings } from './entry-findings.ts';

type What = keyof EntryFindings;

/** What somebody has said of a finding. Of another text of the entry it says nothing. */
export interface SettledFinding {
  state: FindingVerdict;
  /** why it is no problem */
  reason: string | null;
  /** membership id */
  by: string;
  at: Date;
}

/** One finding in the text of an entry. */
export interface NamedFinding {
  /** names it in this very text: SHA-256 in lower-case hex over all that was found */
  id: string;
  what: What;
  /** of a name that looks alike, or of another server: that name */
  rule: string;
  /** JSON Pointer; empty where it is about the name */
  pointer: string;
}

/** The findings of an entry, each by its own id: the same in the same text, another one where anything of it is otherwise. */
export function listNamed(findings: EntryFindings): NamedFinding[] {
  const name = (what: What, found: { rule: string; pointer: string }): NamedFinding => {
    const { rule, pointer } = found;
    return { id: hashContent([what, { ...found }]), what, rule, pointer };
  };
  return [
    ...findings.hiddenText.map((found) => name('hiddenText', found)),
    ...findings.phrases.map((found) => name('phrases', found)),
    ...findings.privatePassages.map((found) => name('privatePassages', found)),
    ...findings.foreignNames.map(({ name: other, pointer }) => name('foreignNames', { rule: other, pointer })),
    ...findings.lookAlikes.map((other) => name('lookAlikes', { rule: other, pointer: '' })),
  ];
}

/** By `toTextKey` and then by the id of the finding, what was said of findings in the texts of a review, at the address that its server has now. */
export type Settled = ReadonlyMap<string, ReadonlyMap<string, SettledFinding>>;

export const toTextKey = ({ kind, pin }: { kind: string; pin: string }): string => `${kind} ${pin}`;

export async function loadSettled(tx: TenantTx, { tenantId, serverId, server, revision }: LoadedReview): Promise<Settled> {
  const rows = await tx.findingState.findMany({
    where: {
      tenantId,
      serverId,
      pin: { in: revision.entries.map(({ pin }) => pin) },
      // at another address the same text is another server's: it is looked at anew
      revision: { gt: server.formerRevisions },
    },
  });
  return new Map(
    [...Map.groupBy(rows, toTextKey)].map(([text, states]) => [
      text,
      new Map(states.map(({ finding, state, reason, by, at }) => [finding, { state, reason, by, at }])),
    ]),
  );
}
