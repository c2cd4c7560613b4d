import { canonicalJson } from '@gatehouse/policy/documents/canonical';
import type { ProfileDraft } from '@gatehouse/policy/documents/profile';

/** Each selected thing of a draft with its settings as one text, by a key that names it. */
export function draftEntries({ tools, prompts, resources, resourceTemplates }: ProfileDraft): ReadonlyMap<string, string> {
  return new Map([
    ...tools.map((tool): [string, string] => [toolKey(tool.serverId, tool.toolName), canonicalJson(tool)]),
    ...prompts.map((prompt): [string, string] => [
      itemEntryKey('prompt', prompt.serverId, prompt.promptName),
      canonicalJson(prompt),
    ]),
    ...resources.map((item): [string, string] => [itemEntryKey('resource', item.serverId, item.uri), canonicalJson(item)]),
    ...resourceTemplates.map((item): [string, string] => [
      itemEntryKey('template', item.serverId, item.uriTemplate),
      canonicalJson(item),
    ]),
  ]);
}

export function toolKey(serverId: string, toolName: string): string {
  return `${serverId}/${toolName}`;
}

export function itemEntryKey(kind: string, serverId: string, name: string): string {
  return `${kind} ${serverId}/${name}`;
}

/** What was selected, dropped or set otherwise: the admin log names it, the draft itself stands in the profile. */
export function changesOf(before: ProfileDraft, after: ProfileDraft) {
  const was = draftEntries(before);
  const is = draftEntries(after);
  return {
    added: [...is.keys()].filter((key) => !was.has(key)),
    removed: [...was.keys()].filter((key) => !is.has(key)),
    changed: [...is].filter(([key, entry]) => was.has(key) && was.get(key) !== entry).map(([key]) => key),
    audit: after.audit,
  };
}
