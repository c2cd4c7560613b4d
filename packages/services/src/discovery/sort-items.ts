import type { ItemKind } from '@gatehouse/db/client';
import { pinOf } from '@gatehouse/policy/documents/canonical';
import { checkPrompt, checkResource, checkResourceTemplate, type CheckedItem } from '@gatehouse/policy/limits/item-limits';
import type { PromptDefinition, ResourceDefinition, ResourceTemplateDefinition } from '@gatehouse/policy/documents/definition';

import { isStorable } from '../storable.ts';

/** A prompt, resource or resource template as its server defines it. */
export type ItemDefinition = PromptDefinition | ResourceDefinition | ResourceTemplateDefinition;

export interface PinnedItem {
  kind: ItemKind;
  /** the server's own name of a prompt, the address of a resource, the address template */
  name: string;
  pin: string;
  definition: ItemDefinition;
}

export interface RefusedItem {
  name: string;
  problem: string;
}

export interface ListedItems {
  prompts: readonly PromptDefinition[];
  resources: readonly ResourceDefinition[];
  resourceTemplates: readonly ResourceTemplateDefinition[];
}

/** Pins what a server lists beside its tools. What is outside the bounds, or listed twice under one name, is refused with the reason. */
export function sortItems(listed: ListedItems): { accepted: PinnedItem[]; refused: RefusedItem[] } {
  const offers = [
    ...listed.prompts.map((raw) => ({ kind: 'prompt' as const, name: raw.name, checked: checkPrompt(raw) })),
    ...listed.resources.map((raw) => ({ kind: 'resource' as const, name: raw.uri, checked: checkResource(raw) })),
    ...listed.resourceTemplates.map((raw) => ({
      kind: 'template' as const,
      name: raw.uriTemplate,
      checked: checkResourceTemplate(raw),
    })),
  ];
  const accepted: PinnedItem[] = [];
  const refused: RefusedItem[] = [];
  for (const [offer, ...others] of Map.groupBy(offers, ({ kind, name }) => `${kind} ${name}`).values()) {
    if (!offer) continue;
    const { kind, name, checked } = offer;
    const problem = others.length > 0 ? `the server lists ${others.length + 1} of them` : problemOf(checked);
    if (problem !== null || !checked.ok) refused.push({ name, problem: problem ?? '' });
    else accepted.push({ kind, name, pin: pinOf(checked.definition), definition: checked.definition });
  }
  return { accepted, refused };
}

function problemOf(checked: CheckedItem<ItemDefinition>): string | null {
  if (!checked.ok) return checked.problem;
  return isStorable(checked.definition) ? null : 'it holds characters that are not text';
}
