import { createHash, randomBytes, randomUUID } from 'node:crypto';

import { pino } from 'pino';
import { afterAll, expect } from 'vitest';

import type { Agent, Role } from '@gatehouse/db/client';
import { runInTenant } from '@gatehouse/db/tenant';
import { createTestDatabase, makeMembership, makeTenant, type TestDatabase } from '@gatehouse/db/testing';
import {
  decodeJoinToken,
  ENROL_PATH,
  ENROL_ROOT_PATH,
  toEnrolmentBytes,
  EnrolResponse,
  EnrolRootResponse,
} from '@gatehouse/protocol/enrolment';
import { AGENT_FEATURES, FEATURES_HEADER } from '@gatehouse/protocol/features';
import { connectFakeAgent, type FakeAgent, type FakeAgentOptions } from '@gatehouse/protocol/testing/fake-agent';
import { TestKey } from '@gatehouse/protocol/testing/test-key';
import { mutate } from '@gatehouse/services/audit/mutate';
import type { Actor, ServiceContext } from '@gatehouse/services/context';
import { createJoinToken } from '@gatehouse/services/join-token/create-join-token';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';
import { createRootKey } from '@gatehouse/services/signing/keys';
import { createSite } from '@gatehouse/services/site/create-site';
import { writeConfiguration } from '@gatehouse/services/snapshot/write-configuration';

import { startHub, type Hub, type HubLimits } from '../../src/hub.ts';

export interface RunningHub extends Hub {
  /** websocket base URL */
  url: string;
  httpUrl: string;
  runtime: Runtime;
  stop(): Promise<void>;
}

/** Waits until what is read is as expected. */
export const expectSoon = <T>(read: () => T) => expect.poll(read);

const OPTIONS = { hubPublicUrl: 'ws://127.0.0.1:3001', poolSize: 5 };

/** A database, a runtime on it for all but the hub, and as many hubs as a test starts. */
export class World {
  /** what fixtures and the people of a workspace work with: it can sign */
  readonly runtime: Runtime;
  readonly database: TestDatabase;
  /** what hubs have logged, a line each */
  readonly logged: string[] = [];
  /** what whoever signs needs beside the database */
  readonly signingKek: Buffer;
  readonly #redisUrl: string | undefined;
  readonly #hubs: RunningHub[] = [];

  private constructor(runtime: Runtime, database: TestDatabase, signingKek: Buffer, redisUrl: string | undefined) {
    this.runtime = runtime;
    this.database = database;
    this.signingKek = signingKek;
    this.#redisUrl = redisUrl;
  }

  static async open(redisUrl?: string): Promise<World> {
    const database = await createTestDatabase();
    const [log, signingKek] = [pino({ level: 'silent' }), randomBytes(32)];
    const options = { ...OPTIONS, redisUrl, log, appDatabaseUrl: database.fixtureUrl, signingKek };
    return new World(await openRuntime(options), database, signingKek, redisUrl);
  }

  /** A hub on a free port, in a runtime of its own as in production: with the hub's role, and without the key that signs. */
  async startHub(limits: Partial<HubLimits> = {}, trustedProxies = 0, publicUrl: string | null = null): Promise<RunningHub> {
    const log = pino({ level: 'trace' }, { write: (line) => void this.logged.push(line) });
    const runtime = await openRuntime({ ...OPTIONS, redisUrl: this.#redisUrl, log, appDatabaseUrl: this.database.urls.hub });
    const listening = { host: '127.0.0.1', port: 0, publicUrl, trustedProxies };
    const hub = await startHub({ runtime, ...listening, version: '0.0.0', limits });
    let stopped: Promise<void> | null = null;
    const stop = async () => {
      await hub.drain();
      await runtime.close();
    };
    const running = {
      ...hub,
      url: `ws://127.0.0.1:${hub.port}`,
      httpUrl: `http://127.0.0.1:${hub.port}`,
      runtime,
      stop: () => (stopped ??= stop()),
    };
    this.#hubs.push(running);
    return running;
  }

  async close(): Promise<void> {
    await Promise.all(this.#hubs.map((hub) => hub.stop()));
    await this.runtime.close();
    await this.database.drop();
  }

  /** A tenant of its own with a signing key and a site that has its first, empty snapshot. */
  async makeWorkspace(): Promise<Workspace> {
    const tenant = await makeTenant(this.runtime.db);
    const root = await runInTenant(this.runtime.db, tenant.id, (tx) => createRootKey(tx, this.runtime.signer, tenant.id));
    const workspace = new Workspace(this.runtime, tenant, root);
    await workspace.addSite('helsinki');
    return workspace;
  }
}

/** A world and one hub in it, for all tests of a file: both end after the last. */
export async function openHub(limits: Partial<HubLimits> = {}): Promise<{ world: World; hub: RunningHub }> {
  const world = await World.open();
  afterAll(() => world.close());
  return { world, hub: await world.startHub(limits) };
}

type EnrolOptions = Partial<Record<'siteId' | 'name' | 'hostname' | 'platform' | 'agentVersion', string>> & {
  /** what it says that it can do; none: an agent of before that */
  features?: readonly string[];
};

/** One tenant, its first site, and what an owner does in it. */
export class Workspace {
  readonly tenantId: string;
  readonly tenantSlug: string;
  readonly rootKeys: ReadonlyMap<string, Buffer>;
  siteId = '';
  readonly #runtime: Runtime;

  constructor(runtime: Runtime, tenant: { id: string; slug: string }, root: { keyId: string; publicKey: Buffer }) {
    this.#runtime = runtime;
    this.tenantId = tenant.id;
    this.tenantSlug = tenant.slug;
    this.rootKeys = new Map([[root.keyId, root.publicKey]]);
  }

  makeContext(actor: Actor): ServiceContext {
    const { tenantId, tenantSlug } = this;
    return { runtime: this.#runtime, tenantId, tenantSlug, actor, requestId: randomUUID() };
  }

  async as(role: Role): Promise<ServiceContext> {
    const { id, userId } = await makeMembership(this.#runtime.db, this.tenantId, { role });
    return this.makeContext({ kind: 'person', userId, membershipId: id, role });
  }

  async addSite(slug: string): Promise<string> {
    const { id } = await createSite({ ctx: await this.as('owner'), input: { slug, name: slug } });
    this.siteId ||= id;
    return id;
  }

  /** Signs the site's configuration again under the next version, as every publish does. */
  async publish(siteId = this.siteId): Promise<number> {
    const ctx = this.makeContext({ kind: 'system', job: 'renew-leases' });
    const written = await mutate(ctx, (m) => writeConfiguration(m, ctx, siteId, 'lease', {}), { audited: false });
    return written?.version ?? 0;
  }

  /** Enrols an agent over HTTP with a real token, as the agent does. */
  async enrol(
    hub: RunningHub,
    {
      siteId = this.siteId,
      name = `agent-${randomBytes(4).toString('hex')}`,
      features = AGENT_FEATURES,
      ...told
    }: EnrolOptions = {},
  ): Promise<EnrolledAgent> {
    const { token } = await createJoinToken({ ctx: await this.as('owner'), input: { siteId, agentName: name } });
    const secret = decodeJoinToken(token)?.secret ?? '';
    await post(hub, ENROL_ROOT_PATH, { tokenHash: createHash('sha256').update(secret).digest('hex') }, EnrolRootResponse);
    const key = new TestKey();
    const publicKey = key.publicKey.toString('base64');
    const proof = key.signBytes(toEnrolmentBytes({ secret, publicKey }));
    const machine = { hostname: 'host-1', platform: 'linux-x64', agentVersion: '0.0.0', ...told };
    const facts = { ...machine, clock: new Date().toISOString() };
    const { agentId } = await post(hub, ENROL_PATH, { secret, publicKey, proof, ...facts }, EnrolResponse, features);
    return new EnrolledAgent(agentId, key);
  }

  readAgent(agentId: string): Promise<Agent> {
    const { tenantId } = this;
    return runInTenant(this.#runtime.db, tenantId, (tx) =>
      tx.agent.findUniqueOrThrow({ where: { tenantId_id: { tenantId, id: agentId } } }),
    );
  }

  countReceipts(): Promise<number> {
    return runInTenant(this.#runtime.db, this.tenantId, (tx) => tx.receipt.count({ where: { tenantId: this.tenantId } }));
  }
}

/** The state directory of an agent: its key and its connection number. */
export class EnrolledAgent {
  readonly agentId: string;
  readonly key: TestKey;
  epoch = 0;

  constructor(agentId: string, key: TestKey) {
    this.agentId = agentId;
    this.key = key;
  }

  /** What to sign the next connection with. */
  getIdentity(hub: RunningHub): { url: string; agentId: string; key: TestKey; epoch: number } {
    this.epoch += 1;
    return { url: hub.url, agentId: this.agentId, key: this.key, epoch: this.epoch };
  }

  /** Connects under the next number. */
  connect(
    hub: RunningHub,
    start: Parameters<typeof connectFakeAgent>[1] = {},
    can: Pick<FakeAgentOptions, 'features'> = {},
  ): Promise<FakeAgent> {
    return connectFakeAgent({ ...this.getIdentity(hub), ...can }, start);
  }
}

async function post<T>(
  hub: RunningHub,
  path: string,
  body: unknown,
  schema: { parse(value: unknown): T },
  features: readonly string[] = [],
): Promise<T> {
  const headers: Record<string, string> = features.length > 0 ? { [FEATURES_HEADER]: features.join(' ') } : {};
  const response = await fetch(hub.httpUrl + path, { method: 'POST', headers, body: JSON.stringify(body) });
  if (response.status !== 200) throw new Error(`${path} answered ${response.status}: ${await response.text()}`);
  return schema.parse(await response.json());
}
