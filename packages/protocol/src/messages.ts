import * as z from 'zod';

import { ENTRY_LIMITS, EntryKind } from '@gatehouse/policy/documents/catalogue-entry';
import {
  InstructionsDefinition,
  PromptDefinition,
  ResourceDefinition,
  ResourceTemplateDefinition,
  ToolDefinition,
} from '@gatehouse/policy/documents/definition';
import { countByKind } from '@gatehouse/policy/documents/entry-counts';
import { Sha256 } from '@gatehouse/policy/documents/sha256';
import { ServerFeatures } from '@gatehouse/policy/documents/snapshot';

import { EndpointUrl } from './endpoint-url.ts';
import { EncodedSignature, SignedEnvelope, SmallEnvelope } from './envelope.ts';
import { FeatureNames } from './features.ts';
import { KeysetPush, KeysetStatus } from './keyset.ts';
import { LeftOut } from './left-out.ts';
import { Nonce } from './nonce.ts';
import { ManifestPush, Part, PartRequest, Withheld } from './parts.ts';
import { WrittenReceipt } from './receipt.ts';
import { RevocationsBack, RevocationsPush, RevocationsStatus } from './revocations.ts';
import { TEXT_LIMITS } from './text-limits.ts';
import { Upkeep } from './upkeep.ts';

/** Websocket path of the hub. */
export const LINK_PATH = '/v1/agent';
/** Largest frame either side accepts, bytes. */
export const MAX_FRAME_BYTES = 48 * 1024 * 1024;
/** Largest frame the hub accepts from an agent, bytes. */
export const MAX_AGENT_FRAME_BYTES = 4 * 1024 * 1024;
/** Streams of receipts that the hub knows of one agent: one for each spool it has had. */
export const MAX_STREAMS = 64;
/** Receipts in one batch. */
export const MAX_BATCH_RECEIPTS = 500;

/** Closed set of reasons for refusing a message or a connection. */
export const LinkErrorCode = z.enum([
  'malformed',
  'too_large',
  'unexpected',
  'unsupported_protocol',
  'unauthenticated',
  'revoked',
  'quarantined',
  'epoch_reused',
  'rate_limited',
  'clock_skew',
  'foreign_id',
  'sequence_gap',
  'chain_broken',
  'unavailable',
]);
export type LinkErrorCode = z.infer<typeof LinkErrorCode>;

/** Websocket close codes (4000-4999 are the application's). */
export const CloseCode = {
  violation: 1008,
  tooLarge: 1009,
  restarting: 1012,
  unavailable: 1013,
  unauthenticated: 4401,
  revoked: 4403,
  replaced: 4409,
  quarantined: 4423,
  rateLimited: 4429,
} as const;

/** How a connection ends that is refused or ended for this reason. */
export function getCloseCode(code: LinkErrorCode): number {
  switch (code) {
    case 'unauthenticated':
      return CloseCode.unauthenticated;
    case 'revoked':
      return CloseCode.revoked;
    case 'quarantined':
    case 'epoch_reused':
      return CloseCode.quarantined;
    case 'rate_limited':
      return CloseCode.rateLimited;
    case 'too_large':
      return CloseCode.tooLarge;
    case 'unavailable':
      return CloseCode.unavailable;
    case 'malformed':
    case 'unexpected':
    case 'unsupported_protocol':
    case 'clock_skew':
    case 'foreign_id':
    case 'sequence_gap':
    case 'chain_broken':
      return CloseCode.violation;
  }
}

// ---- handshake: hub `challenge` -> agent `authenticate` -> hub `welcome` or `rejected` + close

export const Challenge = z.strictObject({
  type: z.literal('challenge'),
  protocol: z.int().positive(),
  nonce: Nonce,
  serverTime: z.iso.datetime(),
  /** what the hub can do; from protocol 2 on */
  features: FeatureNames.optional(),
});
export type Challenge = z.infer<typeof Challenge>;
export const Authenticate = z.strictObject({
  type: z.literal('authenticate'),
  protocol: z.int().positive(),
  agentId: z.uuid(),
  /** rises with every connection and is stored by the agent before it is used */
  epoch: z.int().positive(),
  /** host[:port] that the agent dialled */
  audience: z.string().min(1).max(255),
  /** base64 Ed25519 over toAuthenticationBytes(...) */
  signature: EncodedSignature,
  agentVersion: z.string().max(TEXT_LIMITS.agentVersion),
  hostname: z.string().max(TEXT_LIMITS.hostname),
  platform: z.string().max(TEXT_LIMITS.platform),
  clock: z.iso.datetime(),
  /** what the agent can do; from protocol 2 on */
  features: FeatureNames.optional(),
});
export type Authenticate = z.infer<typeof Authenticate>;
export const Welcome = z.strictObject({
  type: z.literal('welcome'),
  agentId: z.uuid(),
  tenantSlug: z.string().max(40),
  siteSlug: z.string().max(40),
  agentName: z.string().max(80),
  heartbeatMs: z.int().positive(),
  serverTime: z.iso.datetime(),
  /** what the hub holds of this agent's streams, so that a restored control plane is sent what it misses */
  streams: z.array(z.strictObject({ spoolId: z.uuid(), lastSeq: z.int().nonnegative(), headHash: Sha256 })).max(MAX_STREAMS),
});
export type Welcome = z.infer<typeof Welcome>;

// ---- configuration

export const ConfigPush = z.strictObject({
  type: z.literal('config-push'),
  nonce: Nonce,
  version: z.int().positive(),
  contentHash: Sha256,
  envelope: SignedEnvelope,
});
export type ConfigPush = z.infer<typeof ConfigPush>;

/** Why an agent keeps its old snapshot. */
export const ConfigErrorCode = z.enum([
  'bad_signature',
  'unknown_key',
  'wrong_site',
  'rollback',
  'hash_mismatch',
  'malformed',
  'lease_expired',
  'guardrail',
  'storage',
  'internal',
]);
export type ConfigErrorCode = z.infer<typeof ConfigErrorCode>;

export const ConfigStatus = z.strictObject({
  type: z.literal('config-status'),
  /** of the push it answers; null when sent after the handshake to say what is running */
  nonce: Nonce.nullable(),
  status: z.enum(['applied', 'rejected']),
  /** what the agent serves now (0: nothing yet) */
  appliedVersion: z.int().nonnegative(),
  appliedHash: Sha256.nullable(),
  /** version that was refused */
  rejectedVersion: z.int().positive().nullable(),
  error: z.strictObject({ code: ConfigErrorCode, message: z.string().max(TEXT_LIMITS.reason) }).nullable(),
  /** left out of what is served; only where both sides have the feature `parts` */
  withheld: z.array(Withheld).max(2_000).optional(),
  /** newest that the agent ever stored, after the handshake: a control plane that was restored to before it goes on above that version. Only with `manifest-back` */
  manifest: SmallEnvelope.optional(),
});
export type ConfigStatus = z.infer<typeof ConfigStatus>;

// ---- discovery

export const DiscoveryRequest = z.strictObject({
  type: z.literal('discovery-request'),
  discoveryId: z.uuid(),
  envelope: SignedEnvelope,
});
export type DiscoveryRequest = z.infer<typeof DiscoveryRequest>;
export const DiscoveryStage = z.enum(['resolve', 'connect', 'initialize', 'list', 'done']);
export type DiscoveryStage = z.infer<typeof DiscoveryStage>;
export const DiscoveryErrorCode = z.enum([
  'bad_signature',
  'expired',
  'guardrail',
  'credential_unavailable',
  'unreachable',
  'unauthorized',
  'not_mcp',
  'timeout',
  'too_large',
  'internal',
]);
export type DiscoveryErrorCode = z.infer<typeof DiscoveryErrorCode>;
export const DiscoveryProgress = z.strictObject({
  type: z.literal('discovery-progress'),
  discoveryId: z.uuid(),
  stage: DiscoveryStage,
  status: z.enum(['started', 'passed', 'failed']),
  at: z.iso.datetime(),
  detail: z.string().max(TEXT_LIMITS.detail).optional(),
});
export type DiscoveryProgress = z.infer<typeof DiscoveryProgress>;
/** What is told about a discovery while it is under way. */
export type DiscoveryStep = Pick<DiscoveryProgress, 'stage' | 'status' | 'detail'>;
/** A catalogue entry before it is pinned: name and pin follow from the definition, and the hub takes no agent's word for them. */
export const DiscoveredEntry = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('tool'), definition: ToolDefinition }),
  z.strictObject({ kind: z.literal('prompt'), definition: PromptDefinition }),
  z.strictObject({ kind: z.literal('resource'), definition: ResourceDefinition }),
  z.strictObject({ kind: z.literal('template'), definition: ResourceTemplateDefinition }),
  z.strictObject({ kind: z.literal('instructions'), definition: InstructionsDefinition }),
]);
export type DiscoveredEntry = z.infer<typeof DiscoveredEntry>;
/** What a server offers, as an agent reads it. */
export const Offer = z.strictObject({
  protocolVersion: z.string().max(TEXT_LIMITS.protocolVersion),
  serverInfo: z.strictObject({
    name: z.string().max(TEXT_LIMITS.serverName),
    version: z.string().max(TEXT_LIMITS.serverVersion),
    title: z.string().max(TEXT_LIMITS.serverName).optional(),
  }),
  features: ServerFeatures.prefault({}),
  entries: z.array(DiscoveredEntry).refine(isWithinLimits, 'More entries of one kind than a server may offer'),
  /** what of the server is not among the entries, and why; only where both sides have the feature `left-out` */
  leftOut: LeftOut.optional(),
});
export type Offer = z.infer<typeof Offer>;
export const SucceededDiscovery = Offer.extend({ status: z.literal('succeeded') });
export const DiscoveryResult = z.strictObject({
  type: z.literal('discovery-result'),
  discoveryId: z.uuid(),
  outcome: z.discriminatedUnion('status', [
    SucceededDiscovery,
    z.strictObject({ status: z.literal('failed'), code: DiscoveryErrorCode, message: z.string().max(TEXT_LIMITS.reason) }),
  ]),
});
export type DiscoveryResult = z.infer<typeof DiscoveryResult>;
export type DiscoveryOutcome = DiscoveryResult['outcome'];

/** What a server offers at the agent's site, unasked; only where both sides have the feature `observations`. */
export const DefinitionsObserved = z.strictObject({ type: z.literal('definitions-observed'), serverId: z.uuid(), offer: Offer });
export type DefinitionsObserved = z.infer<typeof DefinitionsObserved>;
/** Sent after the commit. What is refused is answered `rejected` instead; one is unanswered at a time. */
export const DefinitionsNoted = z.strictObject({ type: z.literal('definitions-noted'), serverId: z.uuid() });
export type DefinitionsNoted = z.infer<typeof DefinitionsNoted>;

function isWithinLimits(entries: readonly DiscoveredEntry[]): boolean {
  const counts = countByKind(entries);
  return EntryKind.options.every((kind) => counts[kind] <= ENTRY_LIMITS[kind]);
}

// ---- audit

export const AuditBatch = z.strictObject({
  type: z.literal('audit-batch'),
  spoolId: z.uuid(),
  receipts: z.array(WrittenReceipt).min(1).max(MAX_BATCH_RECEIPTS),
});
export type AuditBatch = z.infer<typeof AuditBatch>;
/** Sent after the commit. Everything of the spool up to throughSeq is stored. */
export const AuditAck = z.strictObject({
  type: z.literal('audit-ack'),
  spoolId: z.uuid(),
  throughSeq: z.int().nonnegative(),
  headHash: Sha256,
});
export type AuditAck = z.infer<typeof AuditAck>;

// ---- liveness

export const ServerHealth = z.strictObject({
  serverId: z.uuid(),
  state: z.enum(['unused', 'connected', 'unreachable']),
  error: z.string().max(TEXT_LIMITS.healthError).nullable(),
  at: z.iso.datetime().nullable(),
  /** after repeated failures calls are refused until then; null: calls are tried */
  retryAt: z.iso.datetime().nullable().default(null),
  /** what was negotiated last */
  protocolVersion: z.string().max(TEXT_LIMITS.protocolVersion).nullable().default(null),
  /** connections, or processes of a stdio server, that are open now */
  connections: z.int().nonnegative().default(0),
});
export type ServerHealth = z.infer<typeof ServerHealth>;

export const Heartbeat = z.strictObject({
  type: z.literal('heartbeat'),
  clock: z.iso.datetime(),
  bufferedReceipts: z.int().nonnegative(),
  openSessions: z.int().nonnegative(),
  /** base URL of the MCP listener, without /p/… */
  endpointUrl: EndpointUrl,
  /** names of the stdio entries in the guardrails */
  stdioEntries: z.array(z.string().max(64)).max(200),
  servers: z.array(ServerHealth).max(1_000),
  /** only where both sides have the feature `upkeep` */
  upkeep: Upkeep.optional(),
});
export type Heartbeat = z.infer<typeof Heartbeat>;
export const HeartbeatAck = z.strictObject({ type: z.literal('heartbeat-ack'), serverTime: z.iso.datetime() });
export type HeartbeatAck = z.infer<typeof HeartbeatAck>;

/** Answer to a message that was not accepted; `of` is its type where that could be read. */
export const Rejected = z.strictObject({
  type: z.literal('rejected'),
  of: z.string().max(TEXT_LIMITS.rejectedType).nullable(),
  code: LinkErrorCode,
  message: z.string().max(TEXT_LIMITS.rejection),
});
export type Rejected = z.infer<typeof Rejected>;
/** The hub is about to restart: finish what is under way, then reconnect after a random delay up to this. */
export const Drain = z.strictObject({ type: z.literal('drain'), reconnectWithinMs: z.int().nonnegative() });
export type Drain = z.infer<typeof Drain>;

export const HubMessage = z.discriminatedUnion('type', [
  Challenge,
  Welcome,
  ConfigPush,
  ManifestPush,
  Part,
  KeysetPush,
  RevocationsPush,
  DiscoveryRequest,
  DefinitionsNoted,
  AuditAck,
  HeartbeatAck,
  Rejected,
  Drain,
]);
export type HubMessage = z.infer<typeof HubMessage>;
export const AgentMessage = z.discriminatedUnion('type', [
  Authenticate,
  ConfigStatus,
  PartRequest,
  KeysetStatus,
  RevocationsStatus,
  RevocationsBack,
  DiscoveryProgress,
  DiscoveryResult,
  DefinitionsObserved,
  AuditBatch,
  Heartbeat,
  Rejected,
]);
export type AgentMessage = z.infer<typeof AgentMessage>;
/** What an agent may leave out is filled in where it is read. */
export type SentByAgent = z.input<typeof AgentMessage>;

/** The bytes an agent signs to prove its key: fixed context, then each part length-prefixed. */
export function toAuthenticationBytes(part: { nonce: string; audience: string; agentId: string; epoch: number }): Buffer {
  const parts = ['gatehouse-agent-auth-v1', part.nonce, part.audience, part.agentId, String(part.epoch)];
  return Buffer.from(parts.map((text) => `${Buffer.byteLength(text)}:${text}`).join(''), 'utf8');
}
