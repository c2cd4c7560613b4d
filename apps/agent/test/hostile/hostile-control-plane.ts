import { createHash, randomUUID } from 'node:crypto';

import { isOfKind } from '@gatehouse/policy/documents/catalogue-entry';
import type { SnapshotEntry, SnapshotProfile } from '@gatehouse/policy/documents/profile';
import type { SnapshotContent, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeClientKey, makeProfile, makeServer } from '@gatehouse/policy/testing/build';
import { makeParts, type BuiltParts } from '@gatehouse/policy/testing/build-parts';
import type { AgentMessage, HubMessage } from '@gatehouse/protocol/messages';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import type { FakeHubConnection } from '@gatehouse/protocol/testing/fake-hub-connection';

import { type Attack, EVERYTHING, makeAttack } from './attack.ts';
import { mutate, type Mutation } from './mutation.ts';
import type { Lures } from './offered-server.ts';
import type { Plan } from './plans.ts';

type Of<Kind extends Plan['kind']> = Extract<Plan, { kind: Kind }>;
type ConfigStatus = Extract<AgentMessage, { type: 'config-status' }>;

const MINUTE_MS = 60_000;
const STEP_MS = 2 * MINUTE_MS;

/** What an honest control plane would serve. */
export interface Honest {
  servers: SnapshotServer[];
  entries: SnapshotEntry[];
}

/** Has the keys of its tenant, and does what its plans say. */
export class HostileControlPlane {
  readonly #hub: FakeHub;
  readonly #honest: Honest;
  readonly #lures: Lures;
  readonly profile: SnapshotProfile;
  readonly #key: ReturnType<typeof makeClientKey>;
  #version = 0;
  readonly #started = Date.now();
  /** moves on by a step with each configuration and each discovery */
  #clock = this.#started;
  /** what was sent last of each kind, to be sent again with changes */
  readonly #sent = new Map<string, HubMessage>();
  readonly counts = { applied: 0, refused: 0, messages: 0, discoveries: 0 };

  constructor(hub: FakeHub, honest: Honest, lures: Lures) {
    this.#hub = hub;
    this.#honest = honest;
    this.#lures = lures;
    this.profile = makeProfile(honest.entries);
    this.#key = makeClientKey(this.profile);
  }

  /** that have gone by, as it says */
  get hours(): number {
    return Math.round((this.#clock - this.#started) / 3_600_000);
  }

  get secret(): string {
    return this.#key.secret;
  }

  /** Resolves with the servers that a client can now be made to ask. */
  async execute(plan: Plan): Promise<Attack[]> {
    switch (plan.kind) {
      case 'configuration':
        return this.#pushConfiguration(plan);
      case 'discovery':
        await this.#orderDiscovery(plan);
        return [];
      case 'revocation':
        this.#revoke(plan);
        return [];
      case 'message':
        this.#sendMutated(plan);
        return [];
    }
  }

  /** What an honest one would serve, under the next version. */
  async restore(): Promise<ConfigStatus | null> {
    return this.#pushParts(this.#version + 1, makeParts(this.#buildContent([])), this.#nameLease(60), null);
  }

  async #pushConfiguration({ form, attackers, lures, leaseMinutes, step, mutation }: Of<'configuration'>): Promise<Attack[]> {
    const attacks = attackers.map((attacker, at) => makeAttack(attacker, at, this.#lures, lures));
    const content = this.#buildContent(attacks);
    const lease = this.#nameLease(leaseMinutes);
    const version = Math.max(1, this.#version + step);
    const status =
      form === 'parts'
        ? await this.#pushParts(version, makeParts(content), lease, mutation)
        : await this.#pushWhole(version, content, lease, mutation);
    this.counts[status?.status === 'applied' ? 'applied' : 'refused'] += 1;
    return attacks;
  }

  #buildContent(attacks: readonly Attack[]): SnapshotContent {
    const { servers, entries } = this.#honest;
    const marked = entries.map((entry) => (isOfKind(entry, 'tool') ? { ...entry, ...EVERYTHING } : entry));
    return {
      servers: [...servers, ...attacks.map(({ server }) => server)],
      profiles: [{ ...this.profile, entries: [...marked, ...attacks.flatMap((attack) => attack.entries)] }],
      clientKeys: [this.#key.key],
      revokedKeyIds: [],
    };
  }

  #nameLease(minutes: number): { issuedAt: string; notAfter: string } {
    this.#clock += STEP_MS;
    return { issuedAt: new Date(this.#clock).toISOString(), notAfter: new Date(this.#clock + minutes * MINUTE_MS).toISOString() };
  }

  #pushParts(version: number, built: BuiltParts, lease: object, mutation: Mutation | null): Promise<ConfigStatus | null> {
    const { roots, parts } = mutation ? mutateLeaf(built, mutation) : built;
    for (const [hash, bytes] of parts) this.#hub.parts.set(hash, bytes);
    const manifest = { format: 1, ...this.#hub.place, version, roots, ...lease };
    const changed = mutation && mutation.at % 3 === 0 ? mutate(manifest, mutation) : manifest;
    const signed = this.#hub.root.sign('application/vnd.gatehouse.manifest+json', changed);
    return this.#push(version, { type: 'manifest-push', nonce: randomUUID(), version, manifest: signed });
  }

  #pushWhole(version: number, content: SnapshotContent, lease: object, mutation: Mutation | null): Promise<ConfigStatus | null> {
    const snapshot = this.#hub.buildSnapshot(content, { version, ...lease });
    const changed = mutation ? mutate(snapshot, mutation) : snapshot;
    const envelope = this.#hub.root.sign('application/vnd.gatehouse.snapshot+json', changed);
    return this.#push(version, {
      type: 'config-push',
      nonce: randomUUID(),
      version,
      contentHash: snapshot.contentHash,
      envelope,
    });
  }

  /** Null: the agent has left the connection, or will not answer this push. */
  async #push(
    version: number,
    message: Extract<HubMessage, { type: 'manifest-push' | 'config-push' }>,
  ): Promise<ConfigStatus | null> {
    const connection = await this.#getConnection();
    const answered = connection.waitForNext('config-status', ({ nonce }) => nonce === message.nonce);
    this.#send(connection, message);
    const status = await Promise.race([answered, connection.closed.then(() => null)]);
    if (status?.status === 'applied') this.#version = Math.max(this.#version, version);
    return status;
  }

  async #orderDiscovery({ transport, mutation }: Of<'discovery'>): Promise<void> {
    const connection = await this.#getConnection();
    const { tenantId, siteId } = this.#hub.place;
    const agentId = connection.agent?.agentId ?? '';
    const discoveryId = randomUUID();
    const { issuedAt } = this.#nameLease(0);
    const order = {
      format: 1,
      tenantId,
      siteId,
      agentId,
      discoveryId,
      nonce: randomUUID(),
      issuedAt,
      notAfter: new Date(this.#clock + MINUTE_MS).toISOString(),
      server: makeServer({ transport }),
    };
    const changed = mutation ? mutate(order, mutation) : { ...order, issuedAt: new Date().toISOString() };
    const envelope = this.#hub.root.sign('application/vnd.gatehouse.discovery+json', changed);
    const answered = connection.waitForNext('discovery-result', (result) => result.discoveryId === discoveryId);
    this.#send(connection, { type: 'discovery-request', discoveryId, envelope });
    await Promise.race([answered, connection.closed]);
    this.counts.discoveries += 1;
  }

  /** Of what is new with each configuration, so that there is always somebody left who may call. */
  #revoke({ act, subject, mutation }: Of<'revocation'>): void {
    const { revocations } = this.#hub;
    const entry = revocations.build(act, { kind: subject, id: randomUUID() });
    revocations.entries.push(revocations.sign(mutation ? (mutate(entry, mutation) as object) : entry));
    const connection = this.#hub.connections.all.at(-1);
    if (connection?.isOpen) this.#send(connection, revocations.buildPush(revocations.entries.slice(-20)));
  }

  #sendMutated({ of, mutations }: Of<'message'>): void {
    const connection = this.#hub.connections.all.at(-1);
    const known = [...this.#sent.values(), ...SAMPLES];
    if (!connection?.isOpen) return;
    const message = mutations.reduce<unknown>((document, mutation) => mutate(document, mutation), known[of % known.length]);
    this.counts.messages += 1;
    const text = JSON.stringify(message) ?? '';
    if (of % 50 === 0) connection.sendBinary(Buffer.from(text));
    else connection.sendText(text);
  }

  #send(connection: FakeHubConnection, message: HubMessage): void {
    this.#sent.set(message.type, message);
    this.counts.messages += 1;
    connection.send(message);
  }

  /** The agent comes back by itself when it has left. */
  async #getConnection(): Promise<FakeHubConnection> {
    const last = this.#hub.connections.all.at(-1);
    if (last?.isOpen) return last;
    return this.#hub.connections.waitForNext();
  }
}

const SERVER_TIME = new Date().toISOString();
const SAMPLES: HubMessage[] = [
  { type: 'challenge', protocol: 2, nonce: 'n'.repeat(32), serverTime: SERVER_TIME, features: ['parts'] },
  { type: 'heartbeat-ack', serverTime: SERVER_TIME },
  { type: 'audit-ack', spoolId: randomUUID(), throughSeq: 1, headHash: '0'.repeat(64) },
  { type: 'rejected', of: 'config-status', code: 'malformed', message: 'no' },
  { type: 'part', nonce: 'n'.repeat(32), hash: '0'.repeat(64), index: 0, of: 1, data: '' },
];

/** One leaf with another content, and everything that names it by its hash. */
function mutateLeaf({ roots, parts }: BuiltParts, mutation: Mutation): BuiltParts {
  const indexes = Object.values(roots);
  const leaves = [...parts].filter(([hash]) => !indexes.includes(hash));
  const [hash = '', bytes] = leaves[mutation.at % leaves.length] ?? [];
  if (!bytes) return { roots, parts };
  const changed = Buffer.from(JSON.stringify(mutate(JSON.parse(bytes.toString()), mutation)) ?? '');
  return replacePart({ roots, parts }, hash, changed);
}

function replacePart({ roots, parts }: BuiltParts, hash: string, bytes: Buffer): BuiltParts {
  const name = createHash('sha256').update(bytes).digest('hex');
  const kept = [...parts].filter(([other]) => other !== hash);
  const built = { roots, parts: new Map([...kept, [name, bytes]]) };
  for (const [kind, root] of Object.entries(roots)) {
    const index = parts.get(root)?.toString() ?? '';
    if (!index.includes(hash)) continue;
    const replaced = replacePart(built, root, Buffer.from(index.replaceAll(hash, name)));
    return { ...replaced, roots: { ...roots, [kind]: createHash('sha256').update(index.replaceAll(hash, name)).digest('hex') } };
  }
  return built;
}
