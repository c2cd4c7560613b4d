import * as z from 'zod';

import { isJsonObject } from './json.ts';
import { Snapshot } from './snapshot.ts';

const defineNamedList = <Key extends string>(key: Key) => z.array(z.looseObject({ [key]: z.string() })).default([]);

/** A profile of format 1: one list for each kind, each with its own word for the name. */
const EarlierProfile = z.looseObject({
  tools: z.array(z.looseObject({ toolName: z.string() })),
  prompts: defineNamedList('promptName'),
  resources: defineNamedList('uri'),
  resourceTemplates: defineNamedList('uriTemplate'),
});

/**
 * Reads a snapshot of the present or of the earlier format: an agent keeps the last one on its disk, and a hub has it signed, until a newer
 * one is written. The content hash covers what was signed, so check it on that.
 */
export const ReadableSnapshot = z.preprocess((value) => {
  if (!isJsonObject(value) || value['format'] !== 1 || !isJsonObject(value['content'])) return value;
  const profiles = z.array(EarlierProfile).safeParse(value['content']['profiles']);
  if (!profiles.success) return value;
  return { ...value, format: 2, content: { ...value['content'], profiles: profiles.data.map(toCurrentProfile) } };
}, Snapshot);

function toCurrentProfile({ tools, prompts, resources, resourceTemplates, ...profile }: z.infer<typeof EarlierProfile>): unknown {
  const entries = [
    ...tools.map(({ toolName, ...tool }) => ({ kind: 'tool', name: toolName, ...tool })),
    ...prompts.map(({ promptName, ...prompt }) => ({ kind: 'prompt', name: promptName, ...prompt })),
    ...resources.map(({ uri, ...resource }) => ({ kind: 'resource', name: uri, ...resource })),
    ...resourceTemplates.map(({ uriTemplate, ...template }) => ({ kind: 'template', name: uriTemplate, ...template })),
  ];
  return { ...profile, entries };
}
