import type { z } from 'zod';

import { formatSome } from '@gatehouse/policy/names/some-of';
import { formatInputProblem, listInputProblems } from '@gatehouse/process/input-problems';
import type { PayloadType, SignedEnvelope } from '@gatehouse/protocol/envelope';
import { EnvelopeError, verifyEnvelope, type EnvelopeErrorCode } from '@gatehouse/protocol/verify';

import { ConfigRefused } from './refusal.ts';

/** Raw Ed25519 public keys by key id. */
export type Keys = ReadonlyMap<string, Uint8Array>;

/** The keys whose signatures this agent accepts, and the ids that a signed document must name to be meant for it. */
export interface Trust {
  readonly tenantId: string;
  readonly siteId: string;
  readonly agentId: string;
  /** on what arrives */
  readonly keys: Keys;
  /** on what the agent has stored, which it accepted when that arrived */
  readonly storedKeys: Keys;
  /** whether the newest keyset names this key and says that it signs no more */
  isRetired(keyId: string): boolean;
}

export type Opened = { ok: true; value: unknown } | { ok: false; code: EnvelopeErrorCode | 'malformed'; message: string };

/** The signed JSON of an envelope of this type, when one of these keys signed exactly these bytes. */
export function openEnvelope(keys: Keys, envelope: SignedEnvelope, payloadType: PayloadType): Opened {
  if (!isCanonical(envelope.payload) || !isCanonical(envelope.signature)) {
    return { ok: false, code: 'bad_signature', message: 'Payload or signature is not canonical base64.' };
  }
  try {
    const bytes = verifyEnvelope(envelope, keys, payloadType);
    return { ok: true, value: JSON.parse(bytes.toString('utf8')) };
  } catch (error) {
    if (error instanceof EnvelopeError) return { ok: false, code: error.code, message: error.message };
    return { ok: false, code: 'malformed', message: 'The signed document is not JSON.' };
  }
}

/** What a signed configuration says of whom it is for. */
interface Place {
  tenantId: string;
  tenantSlug: string;
  siteId: string;
  siteSlug: string;
}

/** Throws ConfigRefused when a signed configuration is meant for another site. */
export function checkPlace(trust: Trust, { tenantId, tenantSlug, siteId, siteSlug }: Place): void {
  if (tenantId === trust.tenantId && siteId === trust.siteId) return;
  throw new ConfigRefused('wrong_site', `The configuration is for site ${siteSlug} of ${tenantSlug}, not for this agent.`);
}

/** Decoders ignore stray bits at the end of base64; a signed document has one spelling only. */
function isCanonical(base64: string): boolean {
  return Buffer.from(base64, 'base64').toString('base64') === base64;
}

/** Characters of it: paths are chosen by whoever wrote the document. */
const MOST_TEXT = 800;

/** One line about the first problems of a document, by path; never its values. */
export function describeIssues(error: z.ZodError): string {
  const text = formatSome(listInputProblems(error).map(formatInputProblem), '; ');
  return text.length <= MOST_TEXT ? text : `${text.slice(0, MOST_TEXT).toWellFormed()}…`;
}
