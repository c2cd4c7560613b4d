import { hash as digest } from 'node:crypto';

import type { Logger } from 'pino';

import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import { removeBarred } from '@gatehouse/policy/compile/remove-barred';
import { computeLogRoot, findPruneTime, ReadableRevocation, RevocationHead } from '@gatehouse/policy/documents/revocation';
import { Revocations } from '@gatehouse/policy/revocations';
import { SmallEnvelope } from '@gatehouse/protocol/envelope';
import { MAX_REVOCATIONS, type RevocationsPush, type RevocationsStatus } from '@gatehouse/protocol/revocations';

import { ASK_ADMIN, ASK_ADMIN_ELSE } from '../config/ask-admin.ts';
import type { RevocationView } from '../config/current.ts';
import { openEnvelope, type Keys, type Trust } from '../config/trust.ts';
import { parseJson } from '../state/parse-json.ts';
import { describeDiskError, readSpareState, writeState, type StateDir } from '../state/state-dir.ts';
import { appendEntries, keepEntries, readEntries, readPayloads, type Entry } from './log-file.ts';

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
 * answered. An entry goes only when a signed head says that the log goes on without it, and the client keys that it ended have run out by the clock of
 * this agent as well.
 */
export class RevocationLog implements RevocationView {
  readonly revocations = new Revocations();
  readonly #options: RevocationLogOptions;
  /** SHA-256 of each entry's signed bytes; sorted when the root is asked for */
  #hashes: string[] = [];
  /** by hash: from when on no log needs the entry */
  readonly #pruneTimes = new Map<string, number>();
  /** in force but not on disk yet */
  #unsaved: Entry[] = [];
  #saving: Promise<void> = Promise.resolve();
  #summary: Summary | null = null;
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
    if (this.#confirmed) this.#forget(readPrunedUntil(this.#confirmed));
    this.#armTimer();
  }

  getStatus(): RevocationsStatus {
    const { count, root } = this.#summarize(this.#confirmed ? readPrunedUntil(this.#confirmed) : -Infinity);
    return { type: 'revocations-status', count, root };
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
    const { isWhole, isAhead } = this.#compare(newest);
    if (isWhole) await this.#confirm(newest, head);
    return { isAhead };
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
      return `This agent was revoked. ${ASK_ADMIN}`;
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
    return `What was revoked could not be confirmed for longer than this site allows (${since}). Try again later. ${ASK_ADMIN_ELSE}`;
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
    if (this.#pruneTimes.has(hash)) return;
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
    if (this.#pruneTimes.has(hash)) return;
    this.#pruneTimes.set(hash, findPruneTime(revocation));
    this.#hashes.push(hash);
    this.#summary = null;
    this.revocations.add(revocation);
  }

  /** What the log is without what was pruned until then. */
  #summarize(prunedUntil: number): Summary {
    if (this.#summary?.prunedUntil !== prunedUntil) {
      const hashes = this.#list(prunedUntil);
      this.#summary = { prunedUntil, count: hashes.length, root: computeLogRoot(hashes) };
    }
    return this.#summary;
  }

  #list(prunedUntil: number): string[] {
    return this.#hashes.sort().filter((hash) => (this.#pruneTimes.get(hash) ?? Infinity) > prunedUntil);
  }

  /** Whether the log is exactly what the head says, or holds what the head does not cover. A head that leaves out keys which still count here is of no log. */
  #compare(head: RevocationHead): { isWhole: boolean; isAhead: boolean } {
    const prunedUntil = readPrunedUntil(head);
    if (prunedUntil > this.#options.now()) {
      const { prunedUntil: time } = head;
      this.#options.log.error(
        { prunedUntil: time },
        "a head of the revocation log is from the future; is this machine's clock right?",
      );
      return { isWhole: false, isAhead: false };
    }
    const hashes = this.#list(prunedUntil);
    const isWhole = head.count === hashes.length && head.root === computeLogRoot(hashes);
    return { isWhole, isAhead: !isWhole && head.count <= hashes.length };
  }

  /** In memory. On the disk it is no harm: a start leaves it out again. */
  #forget(prunedUntil: number): boolean {
    const count = this.#hashes.length;
    this.#hashes = this.#list(prunedUntil);
    if (this.#hashes.length === count) return false;
    for (const [hash, time] of this.#pruneTimes) if (time <= prunedUntil) this.#pruneTimes.delete(hash);
    this.#summary = null;
    this.revocations.prune(prunedUntil);
    return true;
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
    if (this.#forget(readPrunedUntil(head))) await this.#shorten();
  }

  /** Takes out of the file what was forgotten. */
  #shorten(): Promise<void> {
    const { dir, log } = this.#options;
    const isKept = (payload: Buffer) => this.#pruneTimes.has(digest('sha256', payload));
    const shorten = () =>
      keepEntries(dir.revocations, isKept, dir.disk).then(
        () => log.info({ count: this.#hashes.length }, 'revocations of client keys that ran out are forgotten'),
        (error: unknown) =>
          log.error({ reason: describeDiskError(error, dir.path) }, 'the revocation log could not be shortened'),
      );
    this.#saving = this.#saving.then(shorten);
    return this.#saving;
  }

  /** The stored head counts while the log is the one that it was confirmed for, and the key that signed it still signs. */
  #readConfirmed(): RevocationHead | null {
    const text = readSpareState(this.#options.dir.revocationHead, this.#options.log);
    const envelope = text === null ? null : parseJson(text, SmallEnvelope);
    const { trust } = this.#options;
    const head = envelope && !trust.isRetired(envelope.keyId) ? this.#openHead(envelope, trust.storedKeys) : null;
    return head && this.#compare(head).isWhole ? head : null;
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

/** A log without what was pruned until then. */
interface Summary {
  prunedUntil: number;
  count: number;
  root: string;
}

/** Milliseconds since the epoch; -Infinity: nothing was. */
function readPrunedUntil({ prunedUntil }: RevocationHead): number {
  return prunedUntil === undefined ? -Infinity : Date.parse(prunedUntil);
}

function hashEntry({ payload }: Entry): string {
  return digest('sha256', Buffer.from(payload, 'base64'));
}
