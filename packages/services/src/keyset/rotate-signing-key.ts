import { randomUUID } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';
import { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { KeysetKey } from '@gatehouse/protocol/keyset';

import { createActId } from '../audit/act-id.ts';
import { mutate, type Mutation } from '../audit/mutate.ts';
import { authorize } from '../authz.ts';
import type { ServiceContext } from '../context.ts';
import { ServiceError } from '../errors.ts';
import { signLogAnew } from '../revocation/sign-log-anew.ts';
import { lockHead, writeRevocations } from '../revocation/write-revocations.ts';
import { createSigningKey, findRootKey, findSigningKeyId, ROTATION } from '../signing/keys.ts';
import { PASS_MS } from '../snapshot/write-configuration.ts';
import { describeRoot } from './keep-keyset.ts';
import { nameLaggingAgents } from './lagging-agents.ts';
import { lockKeyset, openKeyset, type SignedKeyset } from './read-keyset.ts';
import { writeKeyset } from './write-keyset.ts';

/** Agents that a refusal names. */
const NAMED = 5;

/** What a rotation made. */
export interface Rotation {
  keyId: string;
  keysetVersion: number;
}

/**
 * Gives the workspace a new signing key: the root names it in a keyset above every one that an agent holds, the keys before it are retired and
 * ended in the revocation log, which is signed anew. The worker's next pass signs every configuration with it. Throws `precondition` while an
 * agent is in use that cannot follow.
 */
export async function rotateSigningKey({ ctx }: { ctx: ServiceContext }): Promise<Rotation> {
  authorize(ctx, 'signing_key.rotate');
  return mutate(
    ctx,
    async (m) => {
      await refuseLaggingAgents(m.tx, ctx.tenantId);
      const previous = await lockPrevious(m.tx, ctx.tenantId);
      const after: Rotation = { keyId: randomUUID(), keysetVersion: previous.version + 1 };
      const id = createActId();
      const before = { keyId: previous.signingKeyId };
      await m.audit({ id, action: ROTATION, entityType: 'signing_key', entityId: after.keyId, before, after: { ...after } });
      await replaceKey(m, ctx, { previous, ...after, auditId: id });
      return after;
    },
    { timeoutMs: PASS_MS },
  );
}

/** What a rotation goes on from. */
interface Previous {
  /** highest of a keyset, here or at an agent */
  version: number;
  keys: KeysetKey[];
  signingKeyId: string;
}

/** Whoever writes a keyset or adds to the revocation log waits from here on, and then signs with the new key. */
async function lockPrevious(tx: TenantTx, tenantId: string): Promise<Previous> {
  const held = await lockKeyset(tx, tenantId);
  await lockHead(tx, tenantId);
  const keysets = [...(held ? [held] : []), ...(await listAheadKeysets(tx, tenantId))].map(({ keyset }) => keyset);
  return {
    version: Math.max(0, ...keysets.map(({ version }) => version)),
    keys: keysets.length > 0 ? keysets.flatMap(({ keys }) => keys) : [await describeRoot(tx, tenantId)],
    signingKeyId: await findSigningKeyId(tx, tenantId),
  };
}

/** The keyset first, so that what is signed after it is signed with a key that it names. */
async function replaceKey(
  m: Mutation,
  ctx: ServiceContext,
  { previous, keyId, keysetVersion, auditId }: Rotation & { previous: Previous; auditId: string },
): Promise<void> {
  const { tenantId, runtime } = ctx;
  const now = runtime.now();
  await m.tx.signingKey.updateMany({ where: { tenantId, retiredAt: null }, data: { retiredAt: now } });
  const { publicKey } = await createSigningKey(m.tx, runtime.signer, { tenantId, id: keyId, auditId, createdAt: now });
  const next: KeysetKey = { keyId, publicKey: publicKey.toString('base64'), validFrom: now.toISOString(), validUntil: null };
  await writeKeyset(m, ctx, { version: keysetVersion, keys: [...retireKeys(previous.keys, now), next] });
  await signLogAnew(m.tx, ctx, previous.signingKeyId);
  const signing = previous.keys.filter(({ validUntil }) => validUntil === null).map((key) => key.keyId);
  const ended = [...new Set([...signing, previous.signingKeyId])];
  await writeRevocations(
    m,
    ctx,
    ended.map((id) => ({ act: 'end', subject: { kind: 'signing_key', id }, auditId })),
  );
}

async function refuseLaggingAgents(tx: TenantTx, tenantId: string): Promise<void> {
  const { total, agents } = await nameLaggingAgents(tx, tenantId);
  if (total === 0) return;
  const more = total > NAMED ? ` and ${total - NAMED} more` : '';
  const names = agents.slice(0, NAMED).map(({ name }) => name);
  throw new ServiceError(
    'precondition',
    `These agents take only what the first key has signed: ${names.join(', ')}${more}. Update them or revoke them, then rotate.`,
  );
}

/** Keysets that agents hold and this database does not, because it was restored to before them. What a hub has put there without a root's signature is none. */
async function listAheadKeysets(tx: TenantTx, tenantId: string): Promise<SignedKeyset[]> {
  const root = await findRootKey(tx, tenantId);
  const agents = await tx.agent.findMany({ where: { tenantId, aheadKeyset: { not: null } }, select: { aheadKeyset: true } });
  return agents.flatMap(({ aheadKeyset }) => {
    const envelope = parseEnvelope(aheadKeyset);
    return (envelope && openKeyset(envelope, tenantId, root)) ?? [];
  });
}

function parseEnvelope(bytes: Uint8Array | null): SignedEnvelope | null {
  try {
    return SignedEnvelope.safeParse(JSON.parse(Buffer.from(bytes ?? []).toString())).data ?? null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

/** Each key once, with an end. */
function retireKeys(keys: readonly KeysetKey[], now: Date): KeysetKey[] {
  const ended = keys.map((key) => ({ ...key, validUntil: key.validUntil ?? now.toISOString() }));
  return [...new Map(ended.map((key) => [key.keyId, key])).values()];
}
