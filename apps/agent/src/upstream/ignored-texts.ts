import type { CompiledConfig } from '@gatehouse/policy/compile/compile-snapshot';
import { type EntryRef, toEntryKey } from '@gatehouse/policy/documents/catalogue-entry';

/** Of one server, what the approvals that are in force ignore of its texts. */
export interface IgnoredTexts {
  /** the same exactly when the same is ignored */
  digest: string;
  /** JSON Pointers into a definition; undefined for most */
  get(entry: EntryRef): readonly string[] | undefined;
}

const NONE: IgnoredTexts = { digest: '', get: () => undefined };
const byConfig = new WeakMap<CompiledConfig, ReadonlyMap<string, IgnoredTexts>>();

/** What is ignored of a server's texts; nothing without a configuration. Put together once for each configuration. */
export function findIgnoredTexts(config: CompiledConfig | undefined, serverId: string): IgnoredTexts {
  if (!config) return NONE;
  let texts = byConfig.get(config);
  if (!texts) {
    texts = arrange(config);
    byConfig.set(config, texts);
  }
  return texts.get(serverId) ?? NONE;
}

function arrange({ profilesById }: CompiledConfig): ReadonlyMap<string, IgnoredTexts> {
  const byServer = new Map<string, Map<string, readonly string[]>>();
  for (const { profile } of profilesById.values()) {
    for (const entry of profile.entries) {
      if (entry.kind === 'instructions' || !entry.ignored) continue;
      const own = byServer.get(entry.serverId) ?? new Map<string, readonly string[]>();
      byServer.set(entry.serverId, own.set(toEntryKey(entry), entry.ignored));
    }
  }
  const toTexts = (own: ReadonlyMap<string, readonly string[]>): IgnoredTexts => ({
    digest: JSON.stringify([...own].toSorted(([a], [b]) => (a < b ? -1 : 1))),
    get: (entry) => own.get(toEntryKey(entry)),
  });
  return new Map([...byServer].map(([id, own]) => [id, toTexts(own)]));
}
