import type { Logger } from 'pino';

import { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { ConfigPush, ConfigStatus } from '@gatehouse/protocol/messages';

import { parseJson } from '../state/parse-json.ts';
import { describeDiskError, readState, writeKept, type StateDir } from '../state/state-dir.ts';
import type { CurrentConfig } from './current.ts';
import type { Guardrails } from './guardrails.ts';
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

  /** Puts the stored configuration into force at the start; where that is damaged, the one before it. The reason is logged. */
  start(): void {
    const { dir, log } = this.#deps;
    if (this.#startFrom(dir.snapshot.path) || !this.#startFrom(dir.snapshot.previous)) return;
    try {
      // so that the damaged one does not take its place when the next one is stored
      dir.disk.rename(dir.snapshot.previous, dir.snapshot.path);
    } catch (error) {
      log.error({ err: error }, 'the damaged configuration could not be replaced by the one before it');
    }
  }

  /** False when there is nothing that can be used. */
  #startFrom(path: string): boolean {
    const { trust, guardrails, current, log } = this.#deps;
    try {
      const envelope = readEnvelope(path);
      if (!envelope) return false;
      const snapshot = verifySnapshot(trust, envelope);
      this.#floor = Math.max(this.#floor, snapshot.version);
      current.swap(compileConfig(snapshot, guardrails));
      log.info({ version: snapshot.version }, 'serving the stored configuration');
      return true;
    } catch (error) {
      if (!(error instanceof ConfigRefused)) throw error;
      log.error({ path, code: error.code, reason: error.message }, 'a stored configuration is not used');
      return false;
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
    const running = this.#deps.current.get();
    return {
      type: 'config-status',
      nonce: null,
      status: refused ? 'rejected' : 'applied',
      appliedVersion: running?.version ?? 0,
      appliedHash: running?.contentHash ?? null,
      rejectedVersion: refused?.push.version ?? null,
      error: refused ? { code: refused.error.code, message: refused.error.message } : null,
    };
  }

  async #bringIntoForce(push: ConfigPush): Promise<void> {
    const { dir, trust, guardrails, current, now } = this.#deps;
    const running = current.get();
    if (push.version < this.#floor) throw createRollbackRefusal(push.version, this.#floor);
    const snapshot = verifySnapshot(trust, push.envelope);
    if (snapshot.version !== push.version || snapshot.contentHash !== push.contentHash) {
      throw new ConfigRefused('hash_mismatch', 'The push names another version or hash than the snapshot inside it.');
    }
    if (running?.version === snapshot.version && running.contentHash === snapshot.contentHash) return;
    if (running?.version === snapshot.version) throw createRollbackRefusal(snapshot.version, this.#floor);
    if (now() >= Date.parse(snapshot.notAfter)) {
      throw new ConfigRefused('lease_expired', `The snapshot ended at ${snapshot.notAfter}. Is this machine's clock right?`);
    }
    const next = compileConfig(snapshot, guardrails);
    try {
      // the signed bytes, so that the next start verifies them as if they had just arrived
      await writeKept(dir, dir.snapshot, JSON.stringify(push.envelope));
    } catch (error) {
      throw new ConfigRefused('storage', `It could not be stored. ${describeDiskError(error, dir.path)}`, { cause: error });
    }
    this.#floor = snapshot.version;
    current.swap(next);
  }
}

/** A stored envelope; null when there is none. Throws ConfigRefused when the file is damaged. */
function readEnvelope(path: string): SignedEnvelope | null {
  const text = readState(path);
  if (text === null) return null;
  const envelope = parseJson(text, SignedEnvelope);
  if (envelope) return envelope;
  throw new ConfigRefused('storage', `${path} is damaged.`);
}

function createRollbackRefusal(version: number, floor: number): ConfigRefused {
  return new ConfigRefused('rollback', `Version ${version} is not newer than version ${floor}, which this agent has had.`);
}
