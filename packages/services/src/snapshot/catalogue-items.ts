import type {
  CataloguePrompt,
  CatalogueResource,
  CatalogueResourceTemplate,
  PublishedProfile,
  PublishedPrompt,
  PublishedResource,
  PublishedResourceTemplate,
} from '@gatehouse/policy/documents/profile';

import { type ApprovedItem, itemKey } from './approved-items.ts';

type Stored<Item> = Omit<Item, 'definition'> & { definition: unknown };

/** Catalogue items whose definitions are still as the database holds them: parse them before use. */
export interface StoredCatalogueItems {
  prompts: Stored<CataloguePrompt>[];
  resources: Stored<CatalogueResource>[];
  resourceTemplates: Stored<CatalogueResourceTemplate>[];
}

/** What is served of published prompts and resources: those whose exact definition is approved. For snapshots and previews alike. */
export function catalogueItems(
  published: Pick<PublishedProfile, 'prompts' | 'resources' | 'resourceTemplates'>,
  approved: ReadonlyMap<string, ApprovedItem>,
): StoredCatalogueItems {
  const prompts = published.prompts.flatMap((prompt: PublishedPrompt) => {
    const { serverId, promptName, pin } = prompt;
    const item = approved.get(itemKey({ serverId, kind: 'prompt', name: promptName, pin }));
    return item ? [{ ...prompt, definition: item.definition }] : [];
  });
  const resources = published.resources.flatMap((resource: PublishedResource) => {
    const { serverId, uri, pin } = resource;
    const item = approved.get(itemKey({ serverId, kind: 'resource', name: uri, pin }));
    return item ? [{ ...resource, definition: item.definition }] : [];
  });
  const resourceTemplates = published.resourceTemplates.flatMap((template: PublishedResourceTemplate) => {
    const { serverId, uriTemplate, pin } = template;
    const item = approved.get(itemKey({ serverId, kind: 'template', name: uriTemplate, pin }));
    return item ? [{ ...template, definition: item.definition }] : [];
  });
  return { prompts, resources, resourceTemplates };
}
