import { hash as digest } from 'node:crypto';

import type { Logger } from 'pino';

import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import { removeBarred } from '@gatehouse/policy/compile/remove-barred';
import { computeLogRoot, ReadableRevocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
import { Revocations } from '@gatehouse/policy/revocations';
import { SmallEnvelope } from '@gatehouse/protocol/envelope';
import { MAX_REVOCATIONS, type RevocationsPush, type RevocationsStatus } from '@gatehouse/protocol/revocations';

import type { RevocationView } from '../config/current.ts';
import { openEnvelope, type Keys, type Trust } from '../config/trust.ts';
import { parseJson } from '../state/parse-json.ts';
import { describeDiskError, readState, writeState, type StateDir } from '../state/state-dir.ts';
import { appendEntries, readEntries, readPayloads, type Entry } from './log-file.ts';

export interface RevocationLogOptions {
  dir: StateDir;
  trust: Trust;
  /** a log that was last known to be whole longer ago stops the serving; null: only the lease does */
  maxAgeMs: number | null;
  now: () => number;
  log: Logger;
}

/** Longest time of a timer, milliseconds. */
const MAX_TIMER_MS = 3_600_000;

/**
 * The tenant's revocation log as this agent has it, apart from every configuration: what arrives counts at once and is on disk before it is
 * answered. Entries are only ever added.
 */
export class RevocationLog implements RevocationView {
  readonly revocations = new Revocations();
  readonly #options: RevocationLogOptions;
  /** SHA-256 of each entry's signed bytes; sorted when the root is asked for */
  readonly #hashes: string[] = [];
  readonly #known = new Set<string>();
  /** in force but not on disk yet */
  #unsaved: Entry[] = [];
  #saving: Promise<void> = Promise.resolve();
  #root: string | null = null;
  /** the newest head that this log agreed with */
  #confirmed: RevocationHead | null = null;
  #timer: NodeJS.Timeout | null = null;
  readonly #listeners = new Set<() => void>();

  /** Reads what is on disk. What is damaged is left out: the hub sees by the root that it is missing, and sends it again. */
  constructor(options: RevocationLogOptions) {
    this.#options = options;
    const { dir, log } = options;
    let damaged = 0;
    for (const payload of readPayloads(dir.revocations)) {
      // it was verified when it came; the sum of its line says that it still is what came
      const revocation = payload && parseJson(payload.toString('utf8'), ReadableRevocation);
      if (payload && revocation) this.#add(digest('sha256', payload), revocation);
      else damaged += 1;
    }
    if (damaged > 0) log.error({ damaged }, 'entries of the revocation log are damaged; the hub sends them again');
    this.#confirmed = this.#readConfirmed();
    this.#armTimer();
  }

  getStatus(): RevocationsStatus {
    return { type: 'revocations-status', count: this.#hashes.length, root: this.#getRoot() };
  }

  /**
   * Takes in what the hub sent; what is not signed for this tenant is left out. Every entry counts before this returns and is on disk when it
   * resolves, or, with a full disk, once `save` gets through. `isAhead`: the log holds what its head does not cover.
   */
  async take({ entries, head }: RevocationsPush): Promise<{ isAhead: boolean }> {
    const { log } = this.#options;
    for (const entry of entries) this.#takeEntry(entry);
    const newest = this.#openHead(head, this.#options.trust.keys);
    if (this.#unsaved.length > 0) {
      log.info({ count: this.#hashes.length }, 'revocations taken in');
      this.#notify();
    }
    await this.save();
    if (!newest) return { isAhead: false };
    const isWhole = newest.count === this.#hashes.length && newest.root === this.#getRoot();
    if (isWhole) await this.#confirm(newest, head);
    return { isAhead: !isWhole && newest.count <= this.#hashes.length };
  }

  /** Puts on disk what is not there yet. Never rejects: it is in force, and is tried again. */
  save(): Promise<void> {
    this.#saving = this.#saving.then(() => this.#save());
    return this.#saving;
  }

  /** Every entry, in messages that a hub takes. */
  *listPages(): Generator<Entry[]> {
    let page: Entry[] = [];
    for (const entry of readEntries(this.#options.dir.revocations)) {
      if (entry) page.push(entry);
      if (page.length < MAX_REVOCATIONS) continue;
      yield page;
      page = [];
    }
    if (page.length > 0) yield page;
  }

  removeBarred(compiled: CompiledConfig): CompiledConfig {
    return removeBarred(compiled, this.revocations, this.#options.now());
  }

  /** Null unless the log ends this agent or stops its whole workspace. */
  explainBar(now: number): string | null {
    const { agentId, tenantId } = this.#options.trust;
    if (this.revocations.isBarred({ kind: 'agent', id: agentId }, now)) {
      return 'This agent was revoked. Ask an administrator to enrol it again.';
    }
    const isStopped = this.revocations.isBarred({ kind: 'tenant', id: tenantId }, now);
    return isStopped ? 'Everything in this workspace is stopped. Ask an owner of it.' : null;
  }

  /** Null while the log is as fresh as the guardrails ask for; else the sentence for a caller. `now`: milliseconds since the epoch. */
  explainAge(now: number): string | null {
    const { maxAgeMs } = this.#options;
    if (maxAgeMs === null) return null;
    const asOf = this.#confirmed?.asOf ?? null;
    if (asOf !== null && now - Date.parse(asOf) <= maxAgeMs) return null;
    const since = asOf === null ? 'nothing of it was ever confirmed' : `it is as of ${asOf}`;
    return `The list of revocations is older than the guardrails of this agent allow (${since}). Calls go on when the control plane is reached.`;
  }

  /** Called when something was revoked, or a stop ran out or was lifted. Returns the unsubscriber. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async close(): Promise<void> {
    if (this.#timer) clearTimeout(this.#timer);
    await this.#saving;
  }

  #takeEntry(entry: Entry): void {
    const { trust, log } = this.#options;
    const hash = hashEntry(entry);
    if (this.#known.has(hash)) return;
    const opened = openEnvelope(trust.keys, entry, 'application/vnd.gatehouse.revocation+json');
    const revocation = opened.ok ? ReadableRevocation.safeParse(opened.value).data : undefined;
    if (!revocation || revocation.tenantId !== trust.tenantId) {
      log.error({ keyId: entry.keyId, reason: opened.ok ? 'not for this tenant' : opened.message }, 'a revocation was refused');
      return;
    }
    this.#add(hash, revocation);
    this.#unsaved.push(entry);
  }

  #add(hash: string, revocation: ReadableRevocation): void {
    if (this.#known.has(hash)) return;
    this.#known.add(hash);
    this.#hashes.push(hash);
    this.#root = null;
    this.revocations.add(revocation);
  }

  #getRoot(): string {
    return (this.#root ??= computeLogRoot(this.#hashes.sort()));
  }

  #openHead(envelope: Entry, keys: Keys): RevocationHead | null {
    const { trust, log } = this.#options;
    const opened = openEnvelope(keys, envelope, 'application/vnd.gatehouse.revocation-head+json');
    const head = opened.ok ? RevocationHead.safeParse(opened.value).data : undefined;
    if (head?.tenantId === trust.tenantId) return head;
    log.error({ reason: opened.ok ? 'not for this tenant' : opened.message }, 'a head of the revocation log was refused');
    return null;
  }

  /** A head that is not newer says nothing: a hub may send an old one again. */
  async #confirm(head: RevocationHead, envelope: Entry): Promise<void> {
    const { dir, log } = this.#options;
    if (this.#confirmed && Date.parse(head.asOf) <= Date.parse(this.#confirmed.asOf)) return;
    this.#confirmed = head;
    this.#notify();
    await writeState(dir, dir.revocationHead, JSON.stringify(envelope)).catch((error: unknown) =>
      log.error({ reason: describeDiskError(error, dir.path) }, 'the head of the revocation log could not be stored'),
    );
  }

  /** The stored head counts while the log is the one that it was confirmed for, and the key that signed it still signs. */
  #readConfirmed(): RevocationHead | null {
    const text = readState(this.#options.dir.revocationHead);
    const envelope = text === null ? null : parseJson(text, SmallEnvelope);
    const { trust } = this.#options;
    const head = envelope && !trust.isRetired(envelope.keyId) ? this.#openHead(envelope, trust.storedKeys) : null;
    return head?.count === this.#hashes.length && head.root === this.#getRoot() ? head : null;
  }

  async #save(): Promise<void> {
    const { dir, log } = this.#options;
    const entries = this.#unsaved;
    if (entries.length === 0) return;
    this.#unsaved = [];
    try {
      await appendEntries(dir.revocations, entries, dir.disk);
    } catch (error) {
      this.#unsaved = [...entries, ...this.#unsaved];
      log.error({ reason: describeDiskError(error, dir.path) }, 'revocations are in force but could not be stored');
    }
  }

  #notify(): void {
    this.#armTimer();
    for (const listener of this.#listeners) listener();
  }

  /** A stop that runs out is a change as well. */
  #armTimer(): void {
    if (this.#timer) clearTimeout(this.#timer);
    const now = this.#options.now();
    const end = this.revocations.findNextEnd(now);
    this.#timer = end === null ? null : setTimeout(() => this.#notify(), Math.min(end - now, MAX_TIMER_MS)).unref();
  }
}

function hashEntry({ payload }: Entry): string {
  return digest('sha256', Buffer.from(payload, 'base64'));
}
