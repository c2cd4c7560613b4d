import type { ProfileDraft, PublishedProfile, PublishedTool } from '@gatehouse/policy/documents/profile';

import type { JoinedDraft, JoinedItem, JoinedTool } from './join-draft.ts';

/** What a version would hold of the draft: what is not usable now is left out, so check for problems first. */
export function publishedDocument(
  profile: { name: string; description: string },
  draft: ProfileDraft,
  joined: JoinedDraft,
): PublishedProfile {
  return {
    name: profile.name,
    description: profile.description,
    audit: draft.audit,
    tools: publishedTools(joined.tools),
    prompts: usable(joined.prompts).map(({ serverId, name, pin, advertisedName }) => ({
      serverId,
      promptName: name,
      pin,
      advertisedName,
    })),
    resources: usable(joined.resources).map(({ serverId, name, pin }) => ({ serverId, uri: name, pin })),
    resourceTemplates: usable(joined.resourceTemplates).map(({ serverId, name, pin }) => ({ serverId, uriTemplate: name, pin })),
  };
}

/** A version that holds nothing. */
export function emptyDocument({ name, description }: { name: string; description: string }): PublishedProfile {
  return { name, description, audit: 'durable', tools: [], prompts: [], resources: [], resourceTemplates: [] };
}

function publishedTools(tools: readonly JoinedTool[]): PublishedTool[] {
  return tools
    .flatMap(({ serverId, toolName, pin, advertisedName, describe, rule, denyReason, arguments: rules, problem }) =>
      pin === null || problem ? [] : [{ serverId, toolName, pin, advertisedName, describe, rule, denyReason, arguments: rules }],
    )
    .toSorted(byAdvertisedName);
}

function usable(items: readonly JoinedItem[]): (JoinedItem & { pin: string })[] {
  return items
    .flatMap((item) => (item.pin === null || item.problem ? [] : [{ ...item, pin: item.pin }]))
    .toSorted(byAdvertisedName);
}

function byAdvertisedName(a: { advertisedName: string }, b: { advertisedName: string }): number {
  return a.advertisedName < b.advertisedName ? -1 : 1;
}
