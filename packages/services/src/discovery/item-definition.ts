import type { ItemKind } from '@gatehouse/db/client';
import { PromptDefinition, ResourceDefinition, ResourceTemplateDefinition } from '@gatehouse/policy/documents/definition';

import type { ItemDefinition } from './sort-items.ts';

/** A stored definition of an item, parsed. */
export function itemDefinition(kind: ItemKind, stored: unknown): ItemDefinition {
  switch (kind) {
    case 'prompt':
      return PromptDefinition.parse(stored);
    case 'resource':
      return ResourceDefinition.parse(stored);
    case 'template':
      return ResourceTemplateDefinition.parse(stored);
  }
}
