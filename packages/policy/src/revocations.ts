import { findPruneTime, readIssueTime, type ReadableRevocation } from './documents/revocation.ts';
import type { SnapshotClientKey } from './documents/snapshot.ts';

type Subject = ReadableRevocation['subject'];

interface Stop {
  id: string;
  at: number;
  /** milliseconds since the epoch; Infinity without an end */
  until: number;
}

/**
 * What a revocation log says, folded for looking up. Entries may come in any order and more than once: a lift may arrive before its stop, and
 * the result is that of the set. `now`: milliseconds since the epoch.
 */
export class Revocations {
  /** subjects that ended for good, and until when that has to be known */
  readonly #ended = new Map<string, number>();
  /** by person: whatever was issued until then does not count, and until when that has to be known */
  readonly #cutoffs = new Map<string, { at: number; needed: number }>();
  /** by client key or person: the entries that ended the sessions which there were and until when each has to be known, and how many are not any more */
  readonly #sessionEnds = new Map<string, { needed: Map<string, number>; forgotten: number }>();
  readonly #stops = new Map<string, Stop[]>();
  /** by the id of the stop: when it was lifted last, and on what */
  readonly #lifts = new Map<string, { subject: string; at: number }[]>();

  /** Takes in one verified entry. */
  add(revocation: ReadableRevocation): void {
    const { id, at, act, subject, until, of } = revocation;
    const key = toKey(subject);
    if (act === 'end') {
      this.#ended.set(key, Math.max(findPruneTime(revocation), this.#ended.get(key) ?? 0));
      return;
    }
    const time = Date.parse(at);
    switch (act) {
      case 'before':
        if (subject.kind === 'person') this.#addCutoff(subject.id, { at: time, needed: findPruneTime(revocation) });
        if (subject.kind === 'session') this.#addSessionEnd(subject.id, id, findPruneTime(revocation));
        return;
      case 'stop':
        append(this.#stops, key, { id, at: time, until: until === undefined ? Infinity : Date.parse(until) });
        return;
      case 'lift':
        if (of !== undefined) append(this.#lifts, of, { subject: key, at: time });
    }
  }

  /** Forgets what no log needs from this time on, milliseconds since the epoch. */
  prune(time: number): void {
    for (const [key, needed] of this.#ended) if (needed <= time) this.#ended.delete(key);
    for (const [personId, { needed }] of this.#cutoffs) if (needed <= time) this.#cutoffs.delete(personId);
    for (const ends of this.#sessionEnds.values()) {
      // the count stays: open sessions remember what it was
      for (const [id, needed] of ends.needed) if (needed <= time && ends.needed.delete(id)) ends.forgotten += 1;
    }
  }

  /** Whether the subject has ended or is stopped at this time. */
  isBarred(subject: Subject, now: number): boolean {
    // asked for four subjects of each call, and nearly every log is without either
    if (this.#ended.size === 0 && this.#stops.size === 0) return false;
    const key = toKey(subject);
    return this.#ended.has(key) || (this.#stops.get(key) ?? []).some((stop) => now < stop.until && !this.#isLifted(key, stop));
  }

  /** Whether a client key was revoked, by itself or with everything that its person was given before. */
  isKeyRevoked({ keyId, personId }: Pick<SnapshotClientKey, 'keyId' | 'personId'>, now: number): boolean {
    const cutoff = this.#cutoffs.get(personId);
    if (cutoff && (readIssueTime(keyId) ?? 0) <= cutoff.at) return true;
    return this.isBarred({ kind: 'key', id: keyId }, now) || this.isBarred({ kind: 'person', id: personId }, now);
  }

  /**
   * How often the sessions of a key were ended, by the key or by its person. A session is over when that is more than it was at its opening:
   * told by count and not by time, because the clock of an agent may differ from that of the control plane.
   */
  countSessionEnds({ keyId, personId }: Pick<SnapshotClientKey, 'keyId' | 'personId'>): number {
    return this.#countEnds(keyId) + this.#countEnds(personId);
  }

  /** When the next stop runs out; null when none will. */
  findNextEnd(now: number): number | null {
    const ends = [...this.#stops.values()].flat().map(({ until }) => until);
    const next = Math.min(...ends.filter((end) => end > now));
    return Number.isFinite(next) ? next : null;
  }

  #countEnds(subjectId: string): number {
    const ends = this.#sessionEnds.get(subjectId);
    return ends ? ends.needed.size + ends.forgotten : 0;
  }

  #addSessionEnd(subjectId: string, id: string, needed: number): void {
    const ends = this.#sessionEnds.get(subjectId) ?? { needed: new Map(), forgotten: 0 };
    ends.needed.set(id, needed);
    this.#sessionEnds.set(subjectId, ends);
  }

  #addCutoff(personId: string, { at, needed }: { at: number; needed: number }): void {
    const known = this.#cutoffs.get(personId);
    this.#cutoffs.set(personId, { at: Math.max(at, known?.at ?? 0), needed: Math.max(needed, known?.needed ?? 0) });
  }

  /** Only a later lift of this very subject counts, and nothing lifts what has ended. */
  #isLifted(key: string, { id, at }: Stop): boolean {
    return (this.#lifts.get(id) ?? []).some((lift) => lift.subject === key && lift.at >= at);
  }
}

/** Texts of one subject are one key, whatever stands in them. */
function toKey({ kind, id, name = '' }: Subject): string {
  return `${kind.length} ${id.length} ${kind}${id}${name}`;
}

function append<T>(lists: Map<string, T[]>, key: string, item: T): void {
  const list = lists.get(key);
  if (list) list.push(item);
  else lists.set(key, [item]);
}
