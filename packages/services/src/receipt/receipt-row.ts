import type { Logger } from 'pino';

import type { Receipt as StoredReceipt, Outcome, Risk } from '@gatehouse/db/client';
import { type RecordedKind, RecordedMethod } from '@gatehouse/protocol/receipt';

import type { PersonName } from '../person-names.ts';
import { parseStored } from '../stored.ts';
import type { NamedThing, ReceiptNames } from './receipt-names.ts';
import { readDocument } from './stored-document.ts';
import { summarizeArguments, summarizeResult, type SummaryOptions } from './summary.ts';
import { hasValues } from './values.ts';

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
  agent: { id: string; name: string | null; siteName: string | null };
  outcome: Outcome;
  reasonCode: string;
  /** values of it were logged; the summaries say them to who may read them */
  hasValues: boolean;
  argumentsSummary: string | null;
  resultSummary: string | null;
  durationMs: number;
}

const UNREADABLE = 'cannot be read';
const StoredMethod = RecordedMethod.nullable().catch(null);

/** `names` must have been read for this receipt too; with values only for who may see them (`maySeeValues`) and once that is in the log. When the document cannot be parsed, the row says so and shows what the columns hold. */
export function toReceiptRow(stored: StoredReceipt, names: ReceiptNames, log: Logger, options: SummaryOptions): ReceiptRow {
  const place = { column: 'receipt.document', id: stored.id };
  const document = parseStored(() => readDocument(stored.document), log, place);
  const profile = names.findProfile(stored);
  return {
    id: stored.id,
    receivedAt: stored.receivedAt,
    eventAt: stored.eventAt,
    person: names.findPerson(stored),
    client: [stored.clientName, stored.clientVersion].filter((part) => part !== null).join(' ') || null,
    method: document ? document.method : StoredMethod.parse(stored.method),
    kind: document?.kind ?? null,
    name: document ? document.name : stored.name,
    advertisedName: document ? document.advertisedName : stored.advertisedName,
    nameFingerprint: stored.nameFingerprint,
    risk: stored.risk,
    server: names.findServer(stored),
    profile: profile && { ...profile, version: stored.profileVersion },
    agent: names.getAgent(stored),
    outcome: stored.outcome,
    reasonCode: stored.reasonCode,
    hasValues: document !== null && hasValues(document),
    argumentsSummary: document ? summarizeArguments(document.arguments, options) : UNREADABLE,
    resultSummary: document ? summarizeResult(document.result, options) : UNREADABLE,
    durationMs: stored.durationMs,
  };
}
