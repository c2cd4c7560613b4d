import { WebSocket } from 'ws';

import { decodeHubFrame, encode, joinBytes } from '../codec.ts';
import { PROTOCOL_HEADER, PROTOCOL_VERSION, type Feature } from '../features.ts';
import { toAuthenticationBytes, LINK_PATH, type Authenticate, type HubMessage, type SentByAgent } from '../messages.ts';
import { FakeParts } from './fake-parts.ts';
import { Listener } from './recording.ts';
import type { TestKey } from './test-key.ts';

export type HubMessageOf<T extends HubMessage['type']> = Extract<HubMessage, { type: T }>;

export interface FakeAgentOptions {
  /** websocket base URL of the hub */
  url: string;
  agentId: string;
  key: TestKey;
  epoch: number;
  /** what it can do, in protocol 2; without it it speaks protocol 1, as the agents of 0.1 */
  features?: readonly Feature[];
}

/** Opens a socket to the hub and sends nothing by itself. Settles once it is open. */
export async function dialHub(url: string, { path = LINK_PATH, protocol = 1 } = {}): Promise<FakeAgent> {
  const headers = protocol > 1 ? { [PROTOCOL_HEADER]: String(protocol) } : {};
  const agent = new FakeAgent(new WebSocket(new URL(path, url), { perMessageDeflate: false, headers }), new URL(url).host);
  await agent.opened;
  return agent;
}

/** Dials, proves the key, and says what it serves: nothing, unless `start.applied` says so. Rejects when the hub does not welcome it. */
export async function connectFakeAgent(
  options: FakeAgentOptions,
  start: Partial<Pick<FakeAgent, 'applied' | 'onPush' | 'onManifest' | 'parts'>> = {},
): Promise<FakeAgent> {
  const agent = Object.assign(await dialHub(options.url, { protocol: options.features ? PROTOCOL_VERSION : 1 }), start);
  await agent.authenticate(options);
  const refused = agent.closed.then((code) => {
    throw new Error(`The hub ended the connection with ${code}`);
  });
  await Promise.race([agent.waitForFirst('welcome'), refused]);
  agent.reportConfig(null);
  return agent;
}

/** The agent's side of one websocket. By default it applies each configuration that is pushed; replace `onPush` and `onManifest` to script that. */
export class FakeAgent extends Listener<HubMessage> {
  readonly opened: Promise<void>;
  /** settles with the close code that this side saw */
  readonly closed: Promise<number>;
  /** what it says it serves */
  applied: { version: number; contentHash: string } | null = null;
  onPush: (push: HubMessageOf<'config-push'>) => void = (push) => this.apply(push);
  onManifest: (push: HubMessageOf<'manifest-push'>) => void = (push) => this.fetch(push);
  /** what it fetched */
  parts = new FakeParts();
  #asked = new Set<string>();
  readonly #socket: WebSocket;
  readonly #audience: string;

  constructor(socket: WebSocket, audience: string) {
    super('message of the hub');
    this.#socket = socket;
    this.#audience = audience;
    this.opened = new Promise((resolve, reject) => {
      socket.once('open', resolve);
      socket.once('error', reject);
    });
    this.closed = new Promise((resolve) => socket.once('close', resolve));
    socket.on('error', () => socket.terminate());
    socket.on('message', (data, isBinary) => this.#receive(joinBytes(data), isBinary));
  }

  get isOpen(): boolean {
    return this.#socket.readyState === WebSocket.OPEN;
  }

  /** Answers the challenge; `overrides` change the answer after it was signed. */
  async authenticate(identity: FakeAgentOptions, overrides: Partial<Authenticate> = {}): Promise<void> {
    const { nonce, protocol } = await this.waitForFirst('challenge');
    const { agentId, epoch, features } = identity;
    this.send({
      type: 'authenticate',
      protocol,
      agentId,
      epoch,
      audience: this.#audience,
      signature: this.sign(identity, nonce),
      agentVersion: '0.0.0',
      hostname: 'fake-host',
      platform: 'linux-x64',
      clock: new Date().toISOString(),
      ...(protocol >= 2 && { features: [...(features ?? [])] }),
      ...overrides,
    });
  }

  /** What proves the key for a challenge with this nonce. */
  sign({ agentId, key, epoch }: FakeAgentOptions, nonce: string): string {
    return key.signBytes(toAuthenticationBytes({ nonce, audience: this.#audience, agentId, epoch }));
  }

  send(message: SentByAgent): void {
    this.sendText(encode(message));
  }

  /** Sends text as it is, well formed or not. */
  sendText(text: string): void {
    this.#socket.send(text);
  }

  /** Sends bytes as a binary frame. */
  sendBinary(bytes: Uint8Array): void {
    this.#socket.send(bytes);
  }

  /** A control frame, which is no message. */
  sendPing(): void {
    this.#socket.ping();
  }

  apply(push: HubMessageOf<'config-push'>): void {
    this.applied = { version: push.version, contentHash: push.contentHash };
    this.reportConfig(push.nonce);
  }

  /** Asks for what it lacks of a manifest, and applies that when everything is there. */
  fetch(push: HubMessageOf<'manifest-push'>): void {
    this.parts.open(push);
    this.#fetchMissing(push.nonce);
  }

  #fetchMissing(nonce: string): void {
    const hashes = this.parts.listMissing();
    this.#asked = new Set(hashes);
    if (hashes.length > 0) return this.send({ type: 'part-request', nonce, hashes });
    this.applied = this.parts.applied;
    this.reportConfig(nonce);
  }

  #takePart(part: HubMessageOf<'part'>): void {
    if (!this.parts.take(part)) return;
    if (this.#asked.delete(part.hash) && this.#asked.size === 0) this.#fetchMissing(part.nonce);
  }

  /** Says what it serves; `nonce` null: not as an answer. */
  reportConfig(nonce: string | null): void {
    this.send({
      type: 'config-status',
      nonce,
      status: 'applied',
      appliedVersion: this.applied?.version ?? 0,
      appliedHash: this.applied?.contentHash ?? null,
      rejectedVersion: null,
      error: null,
    });
  }

  /** Refuses a push and keeps what it serves. */
  refuse({ nonce, version }: HubMessageOf<'config-push'>): void {
    this.send({
      type: 'config-status',
      nonce,
      status: 'rejected',
      appliedVersion: this.applied?.version ?? 0,
      appliedHash: this.applied?.contentHash ?? null,
      rejectedVersion: version,
      error: { code: 'guardrail', message: 'Refused by the fake agent' },
    });
  }

  sendHeartbeat(overrides: Partial<Extract<SentByAgent, { type: 'heartbeat' }>> = {}): void {
    this.send({
      type: 'heartbeat',
      clock: new Date().toISOString(),
      bufferedReceipts: 0,
      openSessions: 0,
      endpointUrl: 'http://127.0.0.1:7300',
      stdioEntries: [],
      servers: [],
      ...overrides,
    });
  }

  /** Closing handshake. */
  async close(code = 1000): Promise<number> {
    this.#socket.close(code);
    return this.closed;
  }

  /** Cuts the connection without a closing handshake. */
  async cut(): Promise<number> {
    this.#socket.terminate();
    return this.closed;
  }

  /** Stops reading, also control frames: the hub hears nothing any more and is not told. */
  freeze(): void {
    this.#socket.pause();
  }

  #receive(data: Buffer, isBinary: boolean): void {
    const decoded = decodeHubFrame({ data, isBinary });
    if (!decoded.ok) return this.send(decoded.answer);
    this.messages.add(decoded.message);
    if (decoded.message.type === 'config-push') this.onPush(decoded.message);
    if (decoded.message.type === 'manifest-push') this.onManifest(decoded.message);
    if (decoded.message.type === 'part') this.#takePart(decoded.message);
  }
}
