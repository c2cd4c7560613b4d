import type { CompiledProfile } from '@gatehouse/policy/compile/compile-snapshot';
import type { JsonObject } from '@gatehouse/policy/documents/json';

import { METHOD, NOTIFICATION } from '../wire/protocol.ts';

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

/** The answer to a list method, from the compiled profile and never from a server; null for a method that lists nothing here. */
export function findList({ lists }: CompiledProfile, method: string): { kind: ListKind; result: JsonObject } | null {
  switch (method) {
    case METHOD.listTools:
      return { kind: 'tools', result: { tools: lists.tools } };
    case METHOD.listPrompts:
      return offersPrompts(lists) ? { kind: 'prompts', result: { prompts: lists.prompts } } : null;
    case METHOD.listResources:
      return offersResources(lists) ? { kind: 'resources', result: { resources: lists.resources } } : null;
    case METHOD.listTemplates:
      return offersResources(lists) ? { kind: 'resources', result: { resourceTemplates: lists.resourceTemplates } } : null;
    default:
      return null;
  }
}

export function offersPrompts({ prompts }: CompiledProfile['lists']): boolean {
  return prompts.length > 0;
}

export function offersResources({ resources, resourceTemplates }: CompiledProfile['lists']): boolean {
  return resources.length > 0 || resourceTemplates.length > 0;
}
