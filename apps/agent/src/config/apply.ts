import type { Logger } from 'pino';

import { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { ConfigPush, ConfigStatus } from '@gatehouse/protocol/messages';

import { parseJson } from '../state/parse-json.ts';
import { describeDiskError, readState, writeState, type StateDir } from '../state/state-dir.ts';
import type { CurrentConfig } from './current.ts';
import { checkSnapshot, type Guardrails } from './guardrails.ts';
import { compileConfig, ConfigRefused, verifySnapshot } from './open-snapshot.ts';
import type { Trust } from './trust.ts';

export interface ApplyDeps {
  dir: StateDir;
  trust: Trust;
  guardrails: Guardrails;
  current: CurrentConfig;
  now: () => number;
  log: Logger;
}

interface Refusal {
  push: ConfigPush;
  error: ConfigRefused;
}

/** Brings configurations into force: verified, within the guardrails, on disk, then swapped. One push at a time. */
export class ConfigApplier {
  readonly #deps: ApplyDeps;
  /** highest version ever stored here: an older one is never taken again */
  #floor = 0;
  #applying: Promise<unknown> = Promise.resolve();
  /** the newest push, while it is refused */
  #refused: Refusal | null = null;

  constructor(deps: ApplyDeps) {
    this.#deps = deps;
  }

  /** Puts the stored configuration into force at the start. What does not pass any more is not served; the reason is logged. */
  start(): void {
    const { dir, trust, current, log } = this.#deps;
    try {
      const envelope = readSnapshot(dir);
      if (!envelope) return;
      const snapshot = verifySnapshot(trust, envelope);
      this.#floor = snapshot.version;
      this.#checkBounds(snapshot);
      current.swap(compileConfig(snapshot));
      log.info({ version: snapshot.version }, 'serving the stored configuration');
    } catch (error) {
      if (!(error instanceof ConfigRefused)) throw error;
      log.error({ code: error.code, reason: error.message }, 'the stored configuration is not used');
    }
  }

  /** Applies a push, after those before it, and says what runs then. Any failure keeps what ran before. Never rejects. */
  apply(push: ConfigPush): Promise<ConfigStatus> {
    const done = this.#applying.then(() => this.#apply(push));
    this.#applying = done;
    return done;
  }

  /** Tries again what could not be stored; null unless that changed what runs. */
  async retry(): Promise<ConfigStatus | null> {
    if (this.#refused?.error.code !== 'storage') return null;
    await this.apply(this.#refused.push);
    return this.#refused ? null : this.getStatus();
  }

  async #apply(push: ConfigPush): Promise<ConfigStatus> {
    const { log } = this.#deps;
    try {
      await this.#bringIntoForce(push);
      this.#refused = null;
      log.info({ version: push.version }, 'configuration applied');
      return { ...this.getStatus(), nonce: push.nonce };
    } catch (error) {
      const internal = () => new ConfigRefused('internal', 'The agent failed to apply it; see its log.');
      const refused = { push, error: error instanceof ConfigRefused ? error : internal() };
      const { code, message } = refused.error;
      log.error({ version: push.version, code, reason: message, err: error }, 'configuration refused');
      if (push.version > this.#floor) this.#refused = refused;
      return { ...this.#buildStatus(refused), nonce: push.nonce };
    }
  }

  /** What runs now and, while a newer one is refused, which and why. Sent unasked after each handshake. */
  getStatus(): ConfigStatus {
    return this.#buildStatus(this.#refused);
  }

  #buildStatus(refused: Refusal | null): ConfigStatus {
    const snapshot = this.#deps.current.get()?.snapshot;
    return {
      type: 'config-status',
      nonce: null,
      status: refused ? 'rejected' : 'applied',
      appliedVersion: snapshot?.version ?? 0,
      appliedHash: snapshot?.contentHash ?? null,
      rejectedVersion: refused?.push.version ?? null,
      error: refused ? { code: refused.error.code, message: refused.error.message } : null,
    };
  }

  async #bringIntoForce(push: ConfigPush): Promise<void> {
    const { dir, trust, current, now } = this.#deps;
    const running = current.get()?.snapshot;
    if (push.version < this.#floor) throw createRollbackRefusal(push.version, this.#floor);
    const snapshot = verifySnapshot(trust, push.envelope);
    if (snapshot.version !== push.version || snapshot.contentHash !== push.contentHash) {
      throw new ConfigRefused('hash_mismatch', 'The push names another version or hash than the snapshot inside it.');
    }
    if (running?.version === snapshot.version && running.contentHash === snapshot.contentHash) return;
    if (running && snapshot.version === this.#floor) throw createRollbackRefusal(snapshot.version, this.#floor);
    if (now() >= Date.parse(snapshot.notAfter)) {
      throw new ConfigRefused('lease_expired', `The snapshot ended at ${snapshot.notAfter}. Is this machine's clock right?`);
    }
    this.#checkBounds(snapshot);
    const next = compileConfig(snapshot);
    try {
      // the signed bytes, so that the next start verifies them as if they had just arrived
      await writeState(dir, dir.snapshot, JSON.stringify(push.envelope));
    } catch (error) {
      throw new ConfigRefused('storage', `It could not be stored. ${describeDiskError(error, dir.path)}`, { cause: error });
    }
    this.#floor = snapshot.version;
    current.swap(next);
  }

  #checkBounds(snapshot: Parameters<typeof checkSnapshot>[1]): void {
    const problems = checkSnapshot(this.#deps.guardrails, snapshot);
    if (problems.length > 0) throw new ConfigRefused('guardrail', problems.slice(0, 5).join('; '));
  }
}

/** The last good envelope; null when there is none. Throws ConfigRefused when the file is damaged. */
function readSnapshot(dir: StateDir): SignedEnvelope | null {
  const text = readState(dir.snapshot);
  if (text === null) return null;
  const envelope = parseJson(text, SignedEnvelope);
  if (envelope) return envelope;
  throw new ConfigRefused('storage', `${dir.snapshot} is damaged; waiting for the control plane to send it again.`);
}

function createRollbackRefusal(version: number, floor: number): ConfigRefused {
  return new ConfigRefused('rollback', `Version ${version} is not newer than version ${floor}, which this agent has had.`);
}
