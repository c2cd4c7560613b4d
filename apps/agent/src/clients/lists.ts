import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import { type Era, METHOD, NOTIFICATION } from '../wire/protocol.ts';

/** The lists that clients are told about when they change; resources and their templates are one. */
export type ListKind = keyof CompiledProfile['listHashes'];

export const LIST_CHANGED: Record<ListKind, string> = {
  tools: NOTIFICATION.toolsChanged,
  prompts: NOTIFICATION.promptsChanged,
  resources: NOTIFICATION.resourcesChanged,
};

export const LIST_KINDS: readonly ListKind[] = ['tools', 'prompts', 'resources'];

/** Which lists differ. */
export function findChangedLists(known: CompiledProfile['listHashes'], now: CompiledProfile['listHashes']): ListKind[] {
  return LIST_KINDS.filter((kind) => known[kind] !== now[kind]);
}

/** The lists that a profile offers. */
export function getOfferedLists({ lists }: CompiledProfile): ReadonlySet<ListKind> {
  const { prompts, resources, resourceTemplates } = lists;
  return new Set<ListKind>([
    'tools',
    ...(prompts.length > 0 ? (['prompts'] as const) : []),
    ...(resources.length + resourceTemplates.length > 0 ? (['resources'] as const) : []),
  ]);
}

/**
 * The answer to a list method for a client of that era, from the compiled profile and never from a server; null for a method that lists nothing here. A list that
 * the client `wasTold` of is answered also when it has become empty.
 */
export function findList(
  profile: CompiledProfile,
  { era, method }: { era: Era; method: string },
  wasTold: (kind: ListKind) => boolean,
): { kind: ListKind; result: JsonObject } | null {
  const list = readList(profile, era, method);
  return list && (getOfferedLists(profile).has(list.kind) || wasTold(list.kind)) ? list : null;
}

function readList(
  { lists, olderTools }: CompiledProfile,
  era: Era,
  method: string,
): { kind: ListKind; result: JsonObject } | null {
  const { tools, prompts, resources, resourceTemplates } = lists;
  switch (method) {
    case METHOD.listTools:
      return { kind: 'tools', result: { tools: era === 'legacy' ? olderTools : tools } };
    case METHOD.listPrompts:
      return { kind: 'prompts', result: { prompts } };
    case METHOD.listResources:
      return { kind: 'resources', result: { resources } };
    case METHOD.listTemplates:
      return { kind: 'resources', result: { resourceTemplates } };
    default:
      return null;
  }
}

/** Whether a client asks for a later page, which no list has. Some send an empty text when they have none to ask for. */
export const isCursor = (cursor: unknown): boolean => cursor !== undefined && cursor !== '';
