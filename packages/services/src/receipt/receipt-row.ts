import type { Receipt as StoredReceipt, Outcome, Risk } from '@gatehouse/db/client';
import type { RecordedKind, RecordedMethod } from '@gatehouse/protocol/receipt';

import type { PersonName } from '../person-names.ts';
import type { NamedThing, ReceiptNames } from './receipt-names.ts';
import { readDocument } from './stored-document.ts';
import { summarizeArguments, summarizeResult } from './summary.ts';

/** One call as a list shows it. Client, tool and summaries are untrusted text. */
export interface ReceiptRow {
  id: string;
  receivedAt: Date;
  /** by the agent's clock */
  eventAt: Date;
  /** null: nobody was recognised */
  person: PersonName | null;
  /** name and version that the AI client gave */
  client: string | null;
  /** null: the request was refused before its method could be read */
  method: RecordedMethod | null;
  /** null, like the name, when the profile has no such entry */
  kind: RecordedKind | null;
  /** the server's own name of the tool or prompt, or the address or template of the resource */
  name: string | null;
  advertisedName: string | null;
  /** keyed hash of the name of an unknown entry */
  nameFingerprint: string | null;
  risk: Risk | null;
  server: NamedThing | null;
  profile: (NamedThing & { version: number | null }) | null;
  agent: { id: string; name: string | null; siteSlug: string | null };
  outcome: Outcome;
  reasonCode: string;
  argumentsSummary: string | null;
  resultSummary: string | null;
  durationMs: number;
}

/** `names` must have been read for this receipt too. Throws when the stored document cannot be parsed. */
export function toReceiptRow(stored: StoredReceipt, names: ReceiptNames): ReceiptRow {
  const document = readDocument(stored.document);
  const profile = names.findProfile(stored);
  return {
    id: stored.id,
    receivedAt: stored.receivedAt,
    eventAt: stored.eventAt,
    person: names.findPerson(stored),
    client: [stored.clientName, stored.clientVersion].filter((part) => part !== null).join(' ') || null,
    method: document.method,
    kind: document.kind,
    name: document.name,
    advertisedName: document.advertisedName,
    nameFingerprint: stored.nameFingerprint,
    risk: stored.risk,
    server: names.findServer(stored),
    profile: profile && { ...profile, version: stored.profileVersion },
    agent: names.getAgent(stored),
    outcome: stored.outcome,
    reasonCode: stored.reasonCode,
    argumentsSummary: summarizeArguments(document.arguments),
    resultSummary: summarizeResult(document.result),
    durationMs: stored.durationMs,
  };
}
