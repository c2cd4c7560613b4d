import type { Logger } from 'pino';

import type { Risk, Verdict } from '@gatehouse/db/client';
import type { CatalogueEntry } from '@gatehouse/policy/documents/catalogue-entry';
import { PinnedEntry } from '@gatehouse/policy/documents/pinned-entry';
import { getDeclaredRisk } from '@gatehouse/policy/documents/risk';
import { getApparentRisk } from '@gatehouse/policy/names/named-risk';

import { type OfferedEntry, toPinnedKey } from '../snapshot/offered-entries.ts';
import { parseStored } from '../stored.ts';

/** An entry of a server's newest revision with the decision that stands on it. Names, texts and definition are untrusted. */
export type EntryView = CatalogueEntry & {
  title: string | null;
  description: string | null;
  /** of a tool: set by a reviewer, else the graver of what the server declares and what its words suggest. Nothing else has one */
  risk: Risk | null;
  /** no reviewer has set the risk and the server does not say */
  riskAssumed: boolean;
  /** `pending`: nobody has decided on this very definition, or the decision has lapsed; it is off */
  verdict: Verdict;
  /** of the standing decision */
  reviewId: string | null;
  decidedAt: Date | null;
  validUntil: Date | null;
};

/** Null when the stored definition cannot be read, or is not what has the pin: nobody can say what the entry is, and it can be neither selected nor served. */
export function toEntryView(offered: OfferedEntry, log: Logger): EntryView | null {
  const { decidedAt, validUntil, verdict, reviewId, risk, ...stored } = offered;
  const place = { column: 'revision_entry.definition', id: toPinnedKey(offered) };
  const entry = parseStored(() => PinnedEntry.parse(stored), log, place);
  if (!entry) return null;
  const open = entry.kind === 'tool' && risk === null ? entry.definition : null;
  return {
    ...entry,
    ...getTitleAndDescription(entry),
    risk: open ? getApparentRisk(open) : risk,
    riskAssumed: open ? getDeclaredRisk(open).assumed : false,
    verdict,
    reviewId,
    decidedAt,
    validUntil,
  };
}

function getTitleAndDescription({ kind, definition }: CatalogueEntry): Pick<EntryView, 'title' | 'description'> {
  switch (kind) {
    case 'tool':
      return { title: definition.title ?? definition.annotations?.title ?? null, description: definition.description ?? null };
    case 'prompt':
      return { title: definition.title ?? null, description: definition.description ?? null };
    case 'resource':
    case 'template':
      return { title: definition.title ?? definition.name, description: definition.description ?? null };
    case 'instructions':
      return { title: null, description: definition.text };
  }
}
