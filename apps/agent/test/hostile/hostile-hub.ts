import { randomUUID } from 'node:crypto';

import fc from 'fast-check';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { HubMessage } from '@gatehouse/protocol/messages';
import type { FakeHub } from '@gatehouse/protocol/testing/fake-hub';
import type { FakeHubConnection } from '@gatehouse/protocol/testing/fake-hub-connection';

import { drawMutation, mutate, type Mutation } from './mutation.ts';
import type { SignedHistory, SignedVersion } from './signed-history.ts';

/** A change of an envelope by somebody who cannot sign. */
interface Tamper {
  how: 'byte' | 'cut' | 'signature' | 'type' | 'key' | 'payload';
  at: number;
}

/** One thing that a hub does. `which` counts what there is, from the beginning again at the end. */
export type Step =
  | {
      kind: 'push';
      form: 'manifest' | 'snapshot';
      own: boolean;
      which: number;
      named: number | null;
      parts: PartAnswer;
      tamper: Tamper | null;
    }
  | { kind: 'revocations'; own: boolean; from: number; to: number; head: number; tamper: Tamper | null }
  | { kind: 'keyset'; own: boolean; which: number; tamper: Tamper | null }
  | { kind: 'message'; which: number; mutation: Mutation };

/** What is sent when parts are asked for. */
type PartAnswer = 'right' | 'other' | 'cut' | 'twice' | 'none';

const tamper = fc.option(
  fc.record<Tamper>({ how: fc.constantFrom('byte', 'cut', 'signature', 'type', 'key', 'payload'), at: fc.nat() }),
  { freq: 1 },
);

export const drawStep: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('push'),
      form: fc.constantFrom('manifest', 'manifest', 'snapshot'),
      own: fc.boolean(),
      which: fc.nat(),
      named: fc.option(fc.nat(20)),
      parts: fc.constantFrom('right', 'right', 'other', 'cut', 'twice', 'none'),
      tamper,
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('revocations'),
      own: fc.boolean(),
      from: fc.nat(12),
      to: fc.nat(12),
      head: fc.nat(12),
      tamper,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('keyset'), own: fc.boolean(), which: fc.nat(), tamper }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('message'), which: fc.nat(), mutation: drawMutation }) },
);

/** Hands on, in any order and to anybody, what others have signed, and changes it where it can. It has no key, and in the end one that was retired. */
export class HostileHub {
  readonly #hub: FakeHub;
  readonly #history: SignedHistory;
  /** how far the site has come: nothing of later is there to be handed on */
  #known = 1;
  #parts: PartAnswer = 'right';
  #foreign: readonly SignedVersion[];

  constructor(hub: FakeHub, history: SignedHistory) {
    this.#hub = hub;
    this.#history = history;
    this.#foreign = history.foreign;
    hub.script.handlePartRequest = (connection, { nonce, hashes }) => this.#sendParts(connection, nonce, hashes);
  }

  /** The control plane signs one more version. */
  advance(): void {
    this.#known = Math.min(this.#known + 1, this.#history.own.length);
  }

  /** Has from now on what a thief signed with the key that was retired. */
  takeStolen(): void {
    this.#foreign = [...this.#history.foreign, ...this.#history.stolen];
  }

  /** Resolves when the agent has answered, if it will. */
  async execute(step: Step): Promise<void> {
    const connection = await this.getConnection();
    if (step.kind !== 'push') return connection.sendText(JSON.stringify(this.#build(step)) ?? '');
    this.#parts = step.parts;
    await this.push(connection, this.#buildPush(step), step.parts === 'none');
  }

  async push(connection: FakeHubConnection, message: Push, isLeft = false): Promise<void> {
    const answered = connection.waitForNext('config-status', ({ nonce }) => nonce === message.nonce);
    connection.send(message);
    // nobody is told of a push whose parts never come
    if (isLeft) return void answered.catch(() => undefined);
    await Promise.race([answered, connection.closed]);
  }

  /** What an honest hub would send, all of it. */
  async sendHonest(): Promise<void> {
    const connection = await this.getConnection();
    this.#parts = 'right';
    const keyset = this.#listKeysets().at(-1);
    if (keyset) {
      const held = connection.waitForNext('keyset-status', (status) => status.keyset?.payload === keyset.payload);
      connection.send({ type: 'keyset', keyset });
      await Promise.race([held, connection.closed]);
    }
    connection.send(this.#history.revocations.buildPush());
    const newest = this.#history.own[this.#known - 1];
    if (newest)
      await this.push(connection, {
        type: 'manifest-push',
        nonce: randomUUID(),
        version: newest.version,
        manifest: newest.manifest,
      });
  }

  async getConnection(): Promise<FakeHubConnection> {
    const last = this.#hub.connections.all.at(-1);
    return last?.isOpen ? last : this.#hub.connections.waitForNext();
  }

  /** Those of the tenant, as far as the site has come. */
  #listKeysets(): SignedEnvelope[] {
    return this.#history.keysets.filter(({ from }) => from <= this.#known).map(({ envelope }) => envelope);
  }

  #pick(own: boolean, which: number): SignedVersion {
    const versions = own ? this.#history.own.slice(0, this.#known) : this.#foreign;
    const version = versions[which % versions.length];
    if (!version) throw new Error('there is no version');
    return version;
  }

  #buildPush({ form, own, which, named, tamper: change }: Extract<Step, { kind: 'push' }>): Push {
    const { manifest, snapshot, contentHash, version: signed } = this.#pick(own, which);
    const version = named ?? signed;
    const nonce = randomUUID();
    if (form === 'manifest')
      return { type: 'manifest-push', nonce, version: Math.max(1, version), manifest: this.#rewrite(manifest, change) };
    return { type: 'config-push', nonce, version: Math.max(1, version), contentHash, envelope: this.#rewrite(snapshot, change) };
  }

  #build(step: Exclude<Step, { kind: 'push' }>): unknown {
    if (step.kind === 'message') {
      const { manifest } = this.#pick(true, step.which);
      const samples: HubMessage[] = [
        { type: 'manifest-push', nonce: randomUUID(), version: 1, manifest },
        {
          type: 'discovery-request',
          discoveryId: randomUUID(),
          envelope: { ...manifest, payloadType: 'application/vnd.gatehouse.discovery+json' },
        },
        { type: 'part', nonce: randomUUID(), hash: '0'.repeat(64), index: 0, of: 1, data: '' },
        { type: 'audit-ack', spoolId: randomUUID(), throughSeq: 1_000, headHash: '0'.repeat(64) },
        this.#history.revocations.buildPush(),
      ];
      return mutate(samples[step.which % samples.length], step.mutation);
    }
    if (step.kind === 'keyset') {
      const genuine = this.#listKeysets();
      const keysets = step.own && genuine.length > 0 ? genuine : this.#history.forgedKeysets;
      const keyset = keysets[step.which % keysets.length];
      return keyset && { type: 'keyset', keyset: this.#rewrite(keyset, step.tamper) };
    }
    const { own, from, to, head, tamper: change } = step;
    const log = own ? this.#history.revocations : this.#history.foreignRevocations;
    const entries = log.entries.slice(from, to).map((entry) => this.#rewrite(entry, change));
    return { type: 'revocations', entries, head: this.#rewrite(log.signHead(log.buildHead(log.entries.slice(0, head))), change) };
  }

  #rewrite(envelope: SignedEnvelope, change: Tamper | null): SignedEnvelope {
    if (!change) return envelope;
    const other = this.#pick(change.at % 2 === 0, change.at).snapshot;
    switch (change.how) {
      case 'byte':
        return { ...envelope, payload: changeBit(envelope.payload, change.at) };
      case 'cut':
        return {
          ...envelope,
          payload: Buffer.from(envelope.payload, 'base64')
            .subarray(0, -1 - (change.at % 99))
            .toString('base64'),
        };
      case 'signature':
        return { ...envelope, signature: other.signature };
      case 'type':
        return { ...envelope, payloadType: other.payloadType };
      case 'key':
        return { ...envelope, keyId: this.#pick(false, change.at).snapshot.keyId };
      case 'payload':
        return { ...envelope, payload: other.payload };
    }
  }

  #sendParts(connection: FakeHubConnection, nonce: string, hashes: readonly string[]): void {
    const all = [...this.#hub.parts.values()];
    for (const [n, hash] of hashes.entries()) {
      const bytes = (this.#parts === 'other' ? all[n % all.length] : this.#hub.parts.get(hash)) ?? Buffer.alloc(0);
      const data = (this.#parts === 'cut' ? bytes.subarray(1) : bytes).toString('base64');
      const times = { right: 1, other: 1, cut: 1, twice: 2, none: 0 }[this.#parts];
      for (let time = 0; time < times; time += 1) connection.send({ type: 'part', nonce, hash, index: 0, of: 1, data });
    }
  }
}

type Push = Extract<HubMessage, { type: 'manifest-push' | 'config-push' }>;

function changeBit(payload: string, at: number): string {
  const bytes = Buffer.from(payload, 'base64');
  const index = at % bytes.length;
  bytes[index] = (bytes[index] ?? 0) ^ (1 << (at % 8));
  return bytes.toString('base64');
}
