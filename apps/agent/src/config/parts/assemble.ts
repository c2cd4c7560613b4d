import { compileProfilePart, type CompiledServer } from '@gatehouse/policy/compile/compile-parts';
import {
  arrangeConfig,
  ConfigInvalid,
  type CompiledConfig,
  type CompiledProfile,
} from '@gatehouse/policy/compile/compile-snapshot';
import type { SnapshotClientKey } from '@gatehouse/policy/documents/snapshot';

import type { Withheld } from '../current.ts';
import { findOutOfBounds, type Guardrails } from '../guardrails/guardrails.ts';
import { ConfigRefused } from '../refusal.ts';
import type { Leaf } from './leaf.ts';
import type { NamedLeaf, PartTree } from './part-tree.ts';

/** A configuration that was put together of parts. */
export interface Assembled {
  compiled: CompiledConfig;
  withheld: ReadonlyMap<string, Withheld>;
  /** false while parts are missing */
  isWhole: boolean;
  /** by the hashes of the parts that each was made of, so that the next configuration need not make the same ones again */
  profiles: ReadonlyMap<string, CompiledProfile>;
}

const MISSING = 'is missing or damaged on the disk of this agent';

/**
 * Puts the gathered parts together. A server or profile whose part is missing or cannot be read is withheld. `made`: profiles of the
 * configuration before this one. Throws ConfigRefused when people or keys cannot be read, or the whole contradicts itself.
 */
export function assembleConfig(tree: PartTree, guardrails: Guardrails, made: Assembled['profiles']): Assembled {
  const withheld = new Map<string, Withheld>();
  const servers = new Map<string, CompiledServer & { hash: string }>();
  for (const named of tree.listLeaves('servers')) {
    if (named.leaf?.kind === 'servers') servers.set(named.id, { ...named.leaf.compiled, hash: named.hash });
    else withheld.set(named.id, describeUnreadable('server', named));
  }
  const profiles = compileProfiles(tree, { servers, made, withheld });
  const content = {
    servers: Array.from(servers.values(), ({ server }) => server),
    profiles: [...profiles.values()],
    ...admitKeys(tree),
  };
  for (const [id, server] of findOutOfBounds(guardrails, content.servers)) withheld.set(id, server);
  return { compiled: arrange(content), withheld, isWhole: tree.listWanted().length === 0, profiles };
}

interface ProfileInputs {
  servers: ReadonlyMap<string, CompiledServer & { hash: string }>;
  made: Assembled['profiles'];
  withheld: Map<string, Withheld>;
}

/** One whose part and servers are those of before is the very object of before. */
function compileProfiles(tree: PartTree, { servers, made, withheld }: ProfileInputs): Map<string, CompiledProfile> {
  const profiles = new Map<string, CompiledProfile>();
  for (const named of tree.listLeaves('profiles')) {
    const { id, hash, leaf } = named;
    if (leaf?.kind !== 'profiles') {
      withheld.set(id, describeUnreadable('profile', named));
      continue;
    }
    const madeOf = [hash, ...Array.from(leaf.serverIds, (serverId) => servers.get(serverId)?.hash)].join(' ');
    try {
      profiles.set(madeOf, made.get(madeOf) ?? compileProfilePart(leaf.part, servers));
    } catch (error) {
      if (!(error instanceof ConfigInvalid)) throw error;
      withheld.set(id, { kind: 'profile', code: 'invalid', reason: error.message });
    }
  }
  return profiles;
}

/** The keys whose people may use their profiles. The others are known as revoked. */
function admitKeys(tree: PartTree): { clientKeys: SnapshotClientKey[]; revokedKeyIds: string[] } {
  const grants = new Map(listBuckets(tree, 'access').flatMap((leaf) => (leaf.kind === 'access' ? leaf.grants : [])));
  const clientKeys: SnapshotClientKey[] = [];
  const revokedKeyIds: string[] = [];
  for (const key of listBuckets(tree, 'keys').flatMap((leaf) => (leaf.kind === 'keys' ? leaf.keys : []))) {
    if (grants.get(key.personId)?.includes(key.profileId)) clientKeys.push(key);
    else revokedKeyIds.push(key.keyId);
  }
  return { clientKeys, revokedKeyIds };
}

/** The buckets that are there. Nobody is let in by a missing one; one that cannot be read was signed in error. */
function listBuckets(tree: PartTree, kind: 'access' | 'keys'): Leaf[] {
  return tree.listLeaves(kind).flatMap(({ id, leaf }) => {
    if (leaf?.kind !== 'unreadable') return leaf ?? [];
    throw new ConfigRefused('malformed', `Bucket ${id} of ${kind} cannot be read: ${leaf.problem}.`);
  });
}

function describeUnreadable(kind: Withheld['kind'], { leaf }: NamedLeaf): Withheld {
  const problem = leaf?.kind === 'unreadable' ? `cannot be read: ${leaf.problem}` : MISSING;
  return { kind, code: 'invalid', reason: `Its part of the configuration ${problem}.` };
}

function arrange(content: Parameters<typeof arrangeConfig>[0]): CompiledConfig {
  try {
    return arrangeConfig(content);
  } catch (error) {
    if (error instanceof ConfigInvalid) throw new ConfigRefused('malformed', error.message, { cause: error });
    throw error;
  }
}
