import type { z } from 'zod';

import { definitionProblem } from './definition-limits.ts';
import { PromptDefinition, ResourceDefinition, ResourceTemplateDefinition } from '../documents/definition.ts';
import { uriMatcher } from '../compile/uri-template.ts';

/** Bounds on what a server may list beside its tools. */
export const ITEM_LIMITS = { prompts: 1_000, resources: 1_000, resourceTemplates: 200 } as const;

export type CheckedItem<Definition> = { ok: true; definition: Definition } | { ok: false; problem: string };

/** Checks one prompt as its server sent it. `problem` is in words for a reviewer. */
export function checkPrompt(raw: unknown): CheckedItem<PromptDefinition> {
  return checked(raw, PromptDefinition, 'prompt', () => null);
}

/** Checks one resource as its server sent it. */
export function checkResource(raw: unknown): CheckedItem<ResourceDefinition> {
  return checked(raw, ResourceDefinition, 'resource', ({ uri }) => addressProblem(uri));
}

/** Checks one resource template as its server sent it. */
export function checkResourceTemplate(raw: unknown): CheckedItem<ResourceTemplateDefinition> {
  return checked(raw, ResourceTemplateDefinition, 'resource template', ({ uriTemplate }) =>
    uriMatcher(uriTemplate) ? addressProblem(uriTemplate) : 'its address template has a form that is not supported',
  );
}

function checked<Definition>(
  raw: unknown,
  schema: z.ZodType<Definition>,
  what: string,
  problemOf: (definition: Definition) => string | null,
): CheckedItem<Definition> {
  const size = definitionProblem(raw);
  if (size) return { ok: false, problem: size };
  const parsed = schema.safeParse(raw);
  if (!parsed.success)
    return { ok: false, problem: `it is not a ${what} (${parsed.error.issues[0]?.path.join('.') || 'no object'})` };
  const problem = problemOf(parsed.data);
  return problem ? { ok: false, problem } : { ok: true, definition: parsed.data };
}

/** RFC 3986: a scheme, a colon, something. */
function addressProblem(address: string): string | null {
  return /^[A-Za-z][A-Za-z0-9+.-]*:[^\s\p{Cc}]+$/u.test(address) ? null : 'its address is not a URI';
}
