import type * as z from 'zod';

import { compileServerPart, type CompiledServer } from '@gatehouse/policy/compile/compile-parts';
import { ConfigInvalid } from '@gatehouse/policy/compile/compile-snapshot';
import { readJson } from '@gatehouse/policy/documents/json';
import { AccessPart, KeysPart, ProfilePart, ServerPart, toBucket, type PartKind } from '@gatehouse/policy/documents/manifest';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';
import { MAX_DEPTH } from '@gatehouse/protocol/codec';
import { isDeeperThan } from '@gatehouse/protocol/json-depth';

import { describeIssues } from '../trust.ts';

/** What a leaf is in memory. `owner`: the id or bucket under which alone it may stand; null: it is empty, and may stand anywhere. */
export type Leaf = { owner: string | null; bytes: number } & (
  | { kind: 'servers'; compiled: CompiledServer }
  | { kind: 'profiles'; part: ProfilePart; serverIds: ReadonlySet<string> }
  | { kind: 'access'; grants: AccessPart['grants'] }
  | { kind: 'keys'; keys: SnapshotClientKey[] }
  | { kind: 'unreadable'; problem: string }
);

/** A leaf that cannot be used where it stands. */
export function makeUnreadable(bytes: number, problem: string): Leaf {
  return { kind: 'unreadable', owner: null, bytes, problem };
}

/** Reads the bytes of a leaf, whose hash was checked. What is wrong with them is said by the leaf. */
export function readLeaf(kind: PartKind, data: Buffer): Leaf {
  const bytes = data.length;
  try {
    const text = data.toString('utf8');
    if (isDeeperThan(text, MAX_DEPTH)) return makeUnreadable(bytes, 'it is nested too deep');
    return { bytes, ...readContent(kind, readJson(text)) };
  } catch (error) {
    if (error instanceof Unreadable || error instanceof ConfigInvalid) {
      return makeUnreadable(bytes, error.message);
    }
    throw error;
  }
}

/** The words are for operators; no value of the part is in them. */
class Unreadable extends Error {}

type WithoutSize<T> = T extends unknown ? Omit<T, 'bytes'> : never;

function readContent(kind: PartKind, value: unknown): WithoutSize<Leaf> {
  switch (kind) {
    case 'servers': {
      const compiled = compileServerPart(parse(ServerPart, value));
      return { kind, owner: compiled.server.id, compiled };
    }
    case 'profiles': {
      const part = parse(ProfilePart, value);
      return { kind, owner: part.id, part, serverIds: new Set(part.entries.map(({ serverId }) => serverId)) };
    }
    case 'access': {
      const { grants } = parse(AccessPart, value);
      return { kind, owner: findBucket(grants.map(([personId]) => personId)), grants };
    }
    case 'keys': {
      const { keys } = parse(KeysPart, value);
      return { kind, owner: findBucket(keys.map(({ keyId }) => keyId)), keys };
    }
  }
}

function parse<T>(schema: z.ZodType<T>, value: unknown): T {
  const { data, error } = schema.safeParse(value);
  if (error) throw new Unreadable(describeIssues(error));
  return data;
}

/** The one bucket of these ids; null when there are none. */
function findBucket(ids: readonly string[]): string | null {
  const [bucket = null, another] = new Set(ids.map(toBucket));
  if (another !== undefined) throw new Unreadable('it holds what belongs to another bucket');
  if (new Set(ids).size < ids.length) throw new Unreadable('it names an id twice');
  return bucket;
}
