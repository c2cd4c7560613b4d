import { randomBytes, randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { buffer } from 'node:stream/consumers';

import { WebSocketServer } from 'ws';

import type { Manifest } from '@gatehouse/policy/documents/manifest';
import type { DiscoveryOrder, Snapshot, SnapshotContent, SnapshotServer } from '@gatehouse/policy/documents/snapshot';
import { makeSnapshot } from '@gatehouse/policy/testing/build';
import { makeParts, type BuiltParts } from '@gatehouse/policy/testing/build-parts';

import { buildRejection } from '../codec.ts';
import { ENROL_PATH, ENROL_ROOT_PATH } from '../enrolment.ts';
import { chooseProtocol, HUB_FEATURES, negotiateFeatures, PROTOCOL_HEADER, type Feature } from '../features.ts';
import { LINK_PATH, MAX_AGENT_FRAME_BYTES, type AgentMessage } from '../messages.ts';
import { PART_CHUNK_BYTES } from '../parts.ts';
import type { WrittenReceipt } from '../receipt.ts';
import { FakeEnrolment, type FakePlace } from './fake-enrolment.ts';
import { refuseConnection, findRefusal } from './fake-handshake.ts';
import { FakeHubConnection, type MessageOf } from './fake-hub-connection.ts';
import { FakeReceipts } from './fake-receipts.ts';
import { FakeRevocations } from './fake-revocations.ts';
import { Recording } from './recording.ts';
import { TestKey } from './test-key.ts';

export interface FakeHubOptions {
  /** what the welcome tells the agent; 60 s unless given */
  heartbeatMs?: number;
  /** to start again where an earlier fake hub listened */
  port?: number;
  /** what it can do, in protocol 2; null: it speaks protocol 1 only, as the hubs of 0.1. What a hub can do unless given */
  features?: readonly Feature[] | null;
}

/** How the fake hub answers. Replace a member to script it; `silent` answers nothing. */
export interface FakeHubScript {
  authenticate(connection: FakeHubConnection, message: MessageOf<'authenticate'>): void;
  handleConfigStatus(connection: FakeHubConnection, message: MessageOf<'config-status'>): void;
  handleHeartbeat(connection: FakeHubConnection, message: MessageOf<'heartbeat'>): void;
  handleAuditBatch(connection: FakeHubConnection, message: MessageOf<'audit-batch'>): void;
  handlePartRequest(connection: FakeHubConnection, message: MessageOf<'part-request'>): void;
}

export const ignoreMessage = (): void => {};

/** Starts a hub with one tenant and one site on a free port of 127.0.0.1. Close it in `afterEach`. */
export async function startFakeHub(options: FakeHubOptions = {}): Promise<FakeHub> {
  const hub = new FakeHub(options);
  await hub.listen(options.port ?? 0);
  return hub;
}

/** A real HTTP and websocket server that speaks the hub's side of the protocol, keeps what it hears, and does what a test tells it. */
export class FakeHub {
  readonly root = new TestKey();
  readonly place: FakePlace = { tenantId: randomUUID(), tenantSlug: 'acme', siteId: randomUUID(), siteSlug: 'helsinki' };
  readonly enrolment = new FakeEnrolment(this.root, this.place);
  readonly receipts = new FakeReceipts();
  /** nothing of it is sent unless a test does */
  readonly revocations = new FakeRevocations(this.root, this.place.tenantId);
  /** sockets that were opened, welcomed or not */
  readonly sockets = new Recording<FakeHubConnection>('websocket');
  /** connections that were welcomed, in order */
  readonly connections = new Recording<FakeHubConnection>('welcomed connection');
  /** every byte that agents sent: request lines, headers, HTTP bodies and frames */
  readonly wire: Buffer[] = [];
  readonly script: FakeHubScript = {
    authenticate: (connection, message) => this.welcome(connection, message),
    handleConfigStatus: (connection, message) => this.#pushNewer(connection, message),
    handleHeartbeat: (connection) => connection.send({ type: 'heartbeat-ack', serverTime: new Date().toISOString() }),
    handleAuditBatch: (connection, { spoolId, receipts }) => connection.send(this.receipts.take(spoolId, receipts)),
    handlePartRequest: (connection, { nonce, hashes }) => this.sendParts(connection, nonce, hashes),
  };
  /** parts of configurations, by hash */
  readonly parts = new Map<string, Buffer>();
  /** the newest published snapshot */
  published: Snapshot | null = null;
  readonly #heartbeatMs: number;
  readonly #features: readonly Feature[] | null;
  #http: Server | null = null;
  #port = 0;

  constructor({ heartbeatMs = 60_000, features = HUB_FEATURES }: FakeHubOptions) {
    this.#heartbeatMs = heartbeatMs;
    this.#features = features;
  }

  /** Websocket base URL, as in a join token. */
  get url(): string {
    return `ws://127.0.0.1:${this.#port}`;
  }

  /** A token that enrols one agent here. */
  createJoinToken(agentName = 'fake-agent'): string {
    return this.enrolment.createToken(this.url, agentName);
  }

  /** All that agents sent, as one text. */
  getWireText(): string {
    return Buffer.concat(this.wire).toString('latin1');
  }

  /** Makes, keeps and pushes the next snapshot to everyone who is connected; whoever connects later gets it then. */
  publish(content: Partial<SnapshotContent> = {}, overrides: Partial<Snapshot> = {}): Snapshot {
    const snapshot = this.buildSnapshot(content, { version: (this.published?.version ?? 0) + 1, ...overrides });
    this.published = snapshot;
    for (const connection of this.connections.all) if (connection.isOpen) this.push(connection, snapshot);
    return snapshot;
  }

  /** A snapshot of this site, valid for a day, neither kept nor sent. */
  buildSnapshot(content: Partial<SnapshotContent> = {}, overrides: Partial<Snapshot> = {}): Snapshot {
    const now = Date.now();
    return makeSnapshot(content, {
      ...this.place,
      issuedAt: new Date(now).toISOString(),
      notAfter: new Date(now + 86_400_000).toISOString(),
      ...overrides,
    });
  }

  /** Pushes a configuration, as parts to an agent that can use them, and returns the nonce that its config-status will name. */
  push(connection: FakeHubConnection, snapshot: Snapshot, signedBy = this.root): string {
    if (connection.canUse('parts')) return this.pushManifest(connection, this.buildManifest(snapshot), signedBy);
    const nonce = randomBytes(18).toString('base64url');
    const { version, contentHash: hash } = snapshot;
    const envelope = signedBy.sign('application/vnd.gatehouse.snapshot+json', snapshot);
    connection.send({ type: 'config-push', nonce, version, contentHash: hash, envelope });
    return nonce;
  }

  /** The manifest of a configuration, whose parts are kept to be asked for. */
  buildManifest({ content, ...snapshot }: Snapshot, built: BuiltParts = makeParts(content)): Manifest {
    for (const [hash, bytes] of built.parts) this.parts.set(hash, bytes);
    const { tenantId, tenantSlug, siteId, siteSlug, version, issuedAt, notAfter } = snapshot;
    return { format: 1, tenantId, tenantSlug, siteId, siteSlug, version, issuedAt, notAfter, roots: built.roots };
  }

  pushManifest(connection: FakeHubConnection, manifest: Manifest, signedBy = this.root): string {
    const nonce = randomBytes(18).toString('base64url');
    const signed = signedBy.sign('application/vnd.gatehouse.manifest+json', manifest);
    connection.send({ type: 'manifest-push', nonce, version: manifest.version, manifest: signed });
    return nonce;
  }

  /** Sends parts in pieces, as they were asked for. */
  sendParts(connection: FakeHubConnection, nonce: string, hashes: readonly string[]): void {
    for (const hash of hashes) {
      const bytes = this.parts.get(hash);
      if (!bytes) return connection.send(buildRejection('part-request', 'foreign_id', `No part ${hash} at this site.`));
      const of = Math.max(1, Math.ceil(bytes.length / PART_CHUNK_BYTES));
      for (let index = 0; index < of; index += 1) {
        const data = bytes.subarray(index * PART_CHUNK_BYTES, (index + 1) * PART_CHUNK_BYTES).toString('base64');
        connection.send({ type: 'part', nonce, hash, index, of, data });
      }
    }
  }

  /** Orders a look at a server; progress and result arrive on the connection. */
  sendDiscoveryOrder(
    connection: FakeHubConnection,
    server: SnapshotServer,
    overrides: Partial<DiscoveryOrder> = {},
  ): DiscoveryOrder {
    const now = Date.now();
    const order: DiscoveryOrder = {
      format: 1,
      tenantId: this.place.tenantId,
      siteId: this.place.siteId,
      agentId: connection.agent?.agentId ?? randomUUID(),
      discoveryId: randomUUID(),
      nonce: randomBytes(24).toString('base64url'),
      issuedAt: new Date(now).toISOString(),
      notAfter: new Date(now + 60_000).toISOString(),
      server,
      ...overrides,
    };
    const envelope = this.root.sign('application/vnd.gatehouse.discovery+json', order);
    connection.send({ type: 'discovery-request', discoveryId: order.discoveryId, envelope });
    return order;
  }

  /** Checks key and epoch as the hub does, then welcomes; else refuses. The default of `script.authenticate`. */
  welcome(connection: FakeHubConnection, message: MessageOf<'authenticate'>): void {
    const agent = this.enrolment.agents.get(message.agentId);
    const refusal = findRefusal(message, agent, { nonce: connection.nonce, audience: new URL(this.url).host });
    if (!agent || refusal) return refuseConnection(connection, refusal ?? 'unauthenticated');
    agent.epoch = message.epoch;
    connection.agent = message;
    connection.features = negotiateFeatures(this.#features ?? [], message.features);
    const { tenantSlug, siteSlug } = this.place;
    const { agentId, agentName } = agent;
    const serverTime = new Date().toISOString();
    const streams = this.receipts.listStreams();
    connection.send({
      type: 'welcome',
      agentId,
      agentName,
      tenantSlug,
      siteSlug,
      heartbeatMs: this.#heartbeatMs,
      serverTime,
      streams,
    });
    this.connections.add(connection);
  }

  /** Receipts in the order they were taken in. */
  listStoredReceipts(): readonly WrittenReceipt[] {
    return this.receipts.stored.all;
  }

  /** Ends listening and every connection with 1012, as a hub that restarts; `listen` with the same port brings it back. */
  async close(code = 1012): Promise<void> {
    const http = this.#http;
    if (!http) return;
    this.#http = null;
    const ended = new Promise((resolve) => http.close(resolve));
    await Promise.all(this.sockets.all.filter((socket) => socket.isOpen).map((socket) => endSocket(socket, code)));
    http.closeAllConnections();
    await ended;
  }

  /** Listens (again); without a port on the one it had before. */
  async listen(port = this.#port): Promise<void> {
    const http = createServer((request, response) => {
      this.#answer(request, response).catch(() => response.destroy());
    });
    const websockets = new WebSocketServer({ noServer: true, maxPayload: MAX_AGENT_FRAME_BYTES, perMessageDeflate: false });
    http.on('upgrade', (request, socket, head) => {
      this.#keepHead(request);
      if (request.url !== LINK_PATH) return void socket.destroy();
      websockets.handleUpgrade(request, socket, head, (websocket) => {
        const protocol = this.#features ? chooseProtocol(request.headers[PROTOCOL_HEADER]) : 1;
        this.#accept(new FakeHubConnection(websocket, request, randomBytes(24).toString('base64url')), protocol);
      });
    });
    await new Promise<void>((resolve, reject) => {
      http.once('error', reject);
      http.listen(port, '127.0.0.1', resolve);
    });
    this.#http = http;
    const address = http.address();
    if (address && typeof address === 'object') this.#port = address.port;
  }

  #accept(connection: FakeHubConnection, protocol: number): void {
    connection.listen({
      onBytes: (bytes) => void this.wire.push(bytes),
      onMessage: (message) => this.#dispatch(connection, message),
    });
    this.sockets.add(connection);
    connection.send({
      type: 'challenge',
      protocol,
      nonce: connection.nonce,
      serverTime: new Date().toISOString(),
      ...(protocol >= 2 && this.#features && { features: [...this.#features] }),
    });
  }

  #dispatch(connection: FakeHubConnection, message: AgentMessage): void {
    switch (message.type) {
      case 'authenticate':
        return this.script.authenticate(connection, message);
      case 'config-status':
        return this.script.handleConfigStatus(connection, message);
      case 'heartbeat':
        return this.script.handleHeartbeat(connection, message);
      case 'audit-batch':
        return this.script.handleAuditBatch(connection, message);
      case 'part-request':
        return this.script.handlePartRequest(connection, message);
      case 'keyset-status':
      case 'revocations-status':
      case 'revocations-back':
      case 'discovery-progress':
      case 'discovery-result':
      case 'definitions-observed':
      case 'rejected':
        return;
    }
  }

  /** The first status after the handshake says what runs; what is newer follows. */
  #pushNewer(connection: FakeHubConnection, { nonce, appliedVersion }: MessageOf<'config-status'>): void {
    if (nonce === null && this.published && this.published.version > appliedVersion) this.push(connection, this.published);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.#keepHead(request);
    const bytes = await buffer(request);
    this.wire.push(bytes);
    const { status, body } = this.#route(request.url, parseBody(bytes));
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
  }

  #route(path: string | undefined, body: unknown): { status: number; body: unknown } {
    if (path === ENROL_ROOT_PATH) return this.enrolment.answerRoot(body);
    if (path === ENROL_PATH) return this.enrolment.answerEnrol(body);
    return { status: 404, body: { code: 'malformed', message: 'No such path' } };
  }

  #keepHead(request: IncomingMessage): void {
    this.wire.push(Buffer.from(`${request.method} ${request.url}\r\n${request.rawHeaders.join('\r\n')}\r\n`));
  }
}

function parseBody(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString('utf8'));
  } catch {
    return null;
  }
}

/** Closing handshake; whoever does not answer it within a second is cut. */
async function endSocket(connection: FakeHubConnection, code: number): Promise<void> {
  const late = setTimeout(() => void connection.cut(), 1_000);
  await connection.close(code);
  clearTimeout(late);
}
