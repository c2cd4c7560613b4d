import type { Logger } from 'pino';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { ConfigPush, ConfigStatus } from '@gatehouse/protocol/messages';
import type { ManifestPush, Part } from '@gatehouse/protocol/parts';

import { removeIfThere } from '../state/disk.ts';
import { writeKept, type StateDir } from '../state/state-dir.ts';
import { openManifest, openSnapshot, type Candidate } from './candidate.ts';
import type { CurrentConfig } from './current.ts';
import type { Guardrails } from './guardrails/guardrails.ts';
import { ConfigParts, type PartSource } from './parts/config-parts.ts';
import { FetchAbandoned } from './parts/part-fetch.ts';
import { ConfigRefused, createStorageRefusal } from './refusal.ts';
import { listStored, prepareBest } from './stored.ts';
import type { Trust } from './trust.ts';

export interface ApplyDeps {
  dir: StateDir;
  trust: Trust;
  guardrails: Guardrails;
  current: CurrentConfig;
  now: () => number;
  log: Logger;
}

/** What is said of the configuration. What belongs to a feature of the link is added where this is sent. */
export type AppliedStatus = Omit<ConfigStatus, 'withheld' | 'manifest'>;

/** Asks the hub for parts. */
export type SendRequest = PartSource['send'];

interface Offered {
  push: ConfigPush | ManifestPush;
  send: SendRequest;
}

interface Refusal {
  offered: Offered;
  error: ConfigRefused;
}

/** Brings configurations into force: verified, on disk, then swapped. One push at a time. */
export class ConfigApplier {
  readonly #deps: ApplyDeps;
  readonly #parts: ConfigParts;
  /** highest version ever stored here: an older one is never taken again */
  #floor = 0;
  /** as it was signed, when it came as a manifest */
  #newest: SignedEnvelope | null = null;
  /** in which form the one in force came, and whether all of it is here */
  #running: { form: Candidate['form']; isWhole: boolean } = { form: 'snapshot', isWhole: true };
  #applying: Promise<unknown> = Promise.resolve();
  /** the newest push, while it is refused */
  #refused: Refusal | null = null;

  constructor(deps: ApplyDeps) {
    this.#deps = deps;
    this.#parts = new ConfigParts(deps.dir, deps.guardrails);
  }

  /** Puts the stored configuration into force at the start; where that is damaged, the one before it, or what is left of it. */
  start(): void {
    const { dir, trust, current, log } = this.#deps;
    const stored = listStored({ ...this.#deps, keys: trust.storedKeys, parts: this.#parts });
    // what a retired key has signed sets no floor: whoever had stolen it could have signed the highest version that there is
    const newest = stored.find(({ isRetired }) => !isRetired);
    if (newest) this.#setFloor(newest.candidate);
    const best = prepareBest(stored, log);
    if (!best) return;
    const { path, candidate, prepared, isRetired } = best;
    const isWhole = (prepared.gathered?.isWhole ?? true) && !isRetired;
    this.#running = { form: candidate.form, isWhole };
    if (prepared.gathered) this.#parts.resume(prepared.gathered);
    current.swap(prepared.config);
    log.info({ version: candidate.version, isWhole }, 'serving the stored configuration');
    try {
      // so that a damaged one does not take its place when the next one is stored
      if (path === dir[candidate.form].previous) dir.disk.rename(path, dir[candidate.form].path);
    } catch (error) {
      log.error({ err: error }, 'the damaged configuration could not be replaced by the one before it');
    }
  }

  /** Applies a push, after those before it, and says what runs then. Any failure keeps what ran before. Never rejects. */
  async apply(push: ConfigPush): Promise<AppliedStatus> {
    return (await this.#enqueue({ push, send: () => undefined })) ?? this.getStatus();
  }

  /** The same for a push whose missing parts are asked for. Null: it was abandoned, so the hub makes it again. */
  applyManifest(push: ManifestPush, send: SendRequest): Promise<AppliedStatus | null> {
    return this.#enqueue({ push, send });
  }

  /** False when nobody waits for this part. */
  takePart(part: Part): Promise<boolean> {
    return this.#parts.takePart(part);
  }

  /** Waits for no more parts. Resolves when nothing is being applied any more, so that pushes cannot pile up. */
  async abandonFetch(reason: string): Promise<void> {
    this.#parts.endFetch(new FetchAbandoned(reason));
    await this.#applying;
  }

  /** Tries again what could not be stored; null unless that changed what runs. */
  async retry(): Promise<AppliedStatus | null> {
    if (this.#refused?.error.code !== 'storage') return null;
    await this.#enqueue(this.#refused.offered);
    return this.#refused ? null : this.getStatus();
  }

  /** What runs now and, while a newer one is refused, which and why. Sent unasked after each handshake. */
  getStatus(): AppliedStatus {
    return this.#buildStatus(this.#refused);
  }

  /** Proves to a control plane that was restored from a backup how far its versions had come; null while there is no manifest. */
  getNewestManifest(): SignedEnvelope | null {
    return this.#newest;
  }

  #setFloor({ form, version, envelope }: Candidate): void {
    this.#floor = version;
    this.#newest = form === 'manifest' ? envelope : null;
  }

  #enqueue(offered: Offered): Promise<AppliedStatus | null> {
    const done = this.#applying.then(() => this.#apply(offered));
    this.#applying = done;
    return done;
  }

  async #apply(offered: Offered): Promise<AppliedStatus | null> {
    const { log } = this.#deps;
    const { nonce, version } = offered.push;
    try {
      await this.#bringIntoForce(offered);
      this.#refused = null;
      log.info({ version }, 'configuration applied');
      return { ...this.getStatus(), nonce };
    } catch (error) {
      if (error instanceof FetchAbandoned) {
        log.info({ version, reason: error.message }, 'a configuration was not fetched to its end');
        return null;
      }
      const internal = () => new ConfigRefused('internal', 'The agent failed to apply it; see its log.');
      const refused = { offered, error: error instanceof ConfigRefused ? error : internal() };
      const { code, message } = refused.error;
      log.error({ version, code, reason: message, err: error }, 'configuration refused');
      if (version > this.#floor) this.#refused = refused;
      return { ...this.#buildStatus(refused), nonce };
    }
  }

  /** One of which something is missing does not count, so that the hub sends it again. */
  #buildStatus(refused: Refusal | null): AppliedStatus {
    const running = this.#running.isWhole ? this.#deps.current.get() : null;
    return {
      type: 'config-status',
      nonce: null,
      status: refused ? 'rejected' : 'applied',
      appliedVersion: running?.version ?? 0,
      appliedHash: running?.contentHash ?? null,
      rejectedVersion: refused?.offered.push.version ?? null,
      error: refused ? { code: refused.error.code, message: refused.error.message } : null,
    };
  }

  async #bringIntoForce({ push, send }: Offered): Promise<void> {
    const { dir, current } = this.#deps;
    if (push.version < this.#floor) throw createRollbackRefusal(push.version, this.#floor);
    const candidate = this.#open(push);
    if (this.#isInForce(candidate)) return;
    this.#checkNewness(candidate);
    const { config, gathered } = await candidate.prepare({ nonce: push.nonce, send });
    try {
      await writeKept(dir, dir[candidate.form], JSON.stringify(candidate.envelope));
    } catch (error) {
      throw createStorageRefusal(error, dir);
    }
    this.#setFloor(candidate);
    this.#running = { form: candidate.form, isWhole: true };
    current.swap(config);
    this.#removeQuietly(() => this.#parts.replace(gathered));
    const { path, previous } = dir[candidate.form === 'manifest' ? 'snapshot' : 'manifest'];
    for (const outdated of [path, previous]) this.#removeQuietly(() => removeIfThere(outdated, dir.disk));
  }

  #open(push: ConfigPush | ManifestPush): Candidate {
    const deps = { ...this.#deps, keys: this.#deps.trust.keys, parts: this.#parts };
    const candidate = push.type === 'config-push' ? openSnapshot(deps, push.envelope) : openManifest(deps, push.manifest);
    const named = push.type === 'config-push' ? push.contentHash : candidate.contentHash;
    if (candidate.version === push.version && candidate.contentHash === named) return candidate;
    throw new ConfigRefused('hash_mismatch', 'The push names another version or hash than the configuration inside it.');
  }

  #isInForce({ version, contentHash }: Candidate): boolean {
    const running = this.#deps.current.get();
    return this.#running.isWhole && running?.version === version && running.contentHash === contentHash;
  }

  /** Throws ConfigRefused. A site counts the versions of both forms in one, so the other form of a version is no step back. */
  #checkNewness({ form, version, contentHash, notAfter }: Candidate): void {
    const { current, now } = this.#deps;
    const running = current.get();
    const isOther = running?.version === version && running.contentHash !== contentHash;
    if (isOther && form === this.#running.form) throw createRollbackRefusal(version, this.#floor);
    if (now() < Date.parse(notAfter)) return;
    throw new ConfigRefused('lease_expired', `The configuration ended at ${notAfter}. Is this machine's clock right?`);
  }

  /** The configuration is in force whether or not what it left behind can be removed. */
  #removeQuietly(remove: () => void): void {
    try {
      remove();
    } catch (error) {
      this.#deps.log.warn({ err: error }, 'what is left of an earlier configuration could not be removed');
    }
  }
}

function createRollbackRefusal(version: number, floor: number): ConfigRefused {
  return new ConfigRefused('rollback', `Version ${version} is not newer than version ${floor}, which this agent has had.`);
}
