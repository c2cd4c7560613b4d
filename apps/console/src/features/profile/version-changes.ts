import { spoken } from '@gatehouse/policy/curation/argument-path';
import type { ArgumentRule } from '@gatehouse/policy/documents/profile';

import { ruleWords } from './argument-rules.ts';
import { keyOf, type ProfileDetail, type StaffDraft, toolsOf } from './draft.ts';
import type { ItemKind } from './items.ts';

type Published = ProfileDetail['published'];

export interface VersionChange {
  kind: 'added' | 'removed' | 'changed';
  /** name that AI clients see after publishing; of a removed tool, the one they saw */
  name: string;
  /** what is different, in words: "denied now", "new description" */
  details: string[];
}

/** What publishing the draft would change for AI clients: tools, then prompts and resources; of each, what is added first. */
export function changesSince(draft: StaffDraft, published: Published): VersionChange[] {
  return [...toolChanges(draft, published), ...itemChanges(draft, published)];
}

function toolChanges(draft: StaffDraft, published: Published): VersionChange[] {
  const was = new Map((published ? toolsOf(published.document) : []).map((tool) => [keyOf(tool), tool]));
  const tools = toolsOf(draft);
  const is = new Set(tools.map(keyOf));
  const added = tools.filter((tool) => !was.has(keyOf(tool)));
  return [
    ...added.map((tool): VersionChange => ({ kind: 'added', name: tool.advertisedName, details: newToolDetails(tool) })),
    ...[...was]
      .filter(([key]) => !is.has(key))
      .map(([, { advertisedName }]): VersionChange => ({ kind: 'removed', name: advertisedName, details: [] })),
    ...tools.flatMap((tool): VersionChange[] => {
      const before = was.get(keyOf(tool));
      const details = before ? differences(before, tool) : [];
      return details.length > 0 ? [{ kind: 'changed', name: tool.advertisedName, details }] : [];
    }),
  ];
}

type DraftTool = Extract<StaffDraft['entries'][number], { kind: 'tool' }>;
type PublishedTool = Extract<NonNullable<Published>['document']['entries'][number], { kind: 'tool' }>;

function newToolDetails({ rule, serverName, name, advertisedName, arguments: rules }: DraftTool): string[] {
  return [
    advertisedName === name ? `from ${serverName}` : `${name} from ${serverName}`,
    ...(rule === 'deny' ? ['denied'] : []),
    ...rules.map(ruleLine),
  ];
}

const ruleLine = (rule: ArgumentRule): string => `${spoken(rule.argument)} ${ruleWords(rule)}`;

/** What is different about the arguments, each in words. */
function ruleDifferences(before: readonly ArgumentRule[], after: readonly ArgumentRule[]): string[] {
  const lines = new Set(before.map(ruleLine));
  const now = new Set(after.map(({ argument }) => argument));
  return [
    ...after.map(ruleLine).filter((line) => !lines.has(line)),
    ...before
      .filter(({ argument }) => !now.has(argument))
      .map(({ argument }) => `${spoken(argument)} as the server has it again`),
  ];
}

interface Item {
  kind: ItemKind;
  serverId: string;
  name: string;
  advertisedName: string;
  pin: string | null;
}

const WORD: Record<ItemKind, string> = {
  prompt: 'prompt',
  resource: 'resource',
  template: 'resource template',
  instructions: 'instructions',
};

function publishedItems({ entries }: NonNullable<Published>['document']): Item[] {
  return entries.flatMap((entry) =>
    entry.kind === 'tool' ? [] : [{ ...entry, advertisedName: entry.kind === 'prompt' ? entry.advertisedName : entry.name }],
  );
}

function itemChanges({ entries }: StaffDraft, published: Published): VersionChange[] {
  const before = new Map((published ? publishedItems(published.document) : []).map((item) => [keyOf(item), item]));
  const after: Item[] = entries.filter((entry) => entry.kind !== 'tool');
  const kept = new Set(after.map(keyOf));
  const change = (kind: VersionChange['kind'], item: Item, details: string[]): VersionChange => ({
    kind,
    name: item.advertisedName,
    details: [WORD[item.kind], ...details],
  });
  return [
    ...after.filter((item) => !before.has(keyOf(item))).map((item) => change('added', item, [])),
    ...[...before].filter(([key]) => !kept.has(key)).map(([, item]) => change('removed', item, [])),
    ...after.flatMap((item) => {
      const was = before.get(keyOf(item));
      if (!was) return [];
      const details = [
        ...(was.advertisedName === item.advertisedName ? [] : [`was shown as ${was.advertisedName}`]),
        ...(was.pin === item.pin ? [] : ['definition approved since then']),
      ];
      return details.length > 0 ? [change('changed', item, details)] : [];
    }),
  ];
}

function differences(before: PublishedTool, after: DraftTool): string[] {
  const lines: string[] = [];
  if (before.advertisedName !== after.advertisedName) lines.push(`was shown as ${before.advertisedName}`);
  if (before.describe !== after.describe) {
    lines.push(after.describe === null ? 'the server’s own description again' : 'new description');
  }
  if (before.rule !== after.rule) lines.push(after.rule === 'deny' ? 'denied from now on' : 'allowed from now on');
  else if (before.denyReason !== after.denyReason) lines.push('another reason for the refusal');
  lines.push(...ruleDifferences(before.arguments, after.arguments));
  if (before.pin !== after.pin) lines.push('definition approved since then');
  return lines;
}

/** How receipts of read calls are kept after publishing, when that changes. */
export function auditChange(draft: StaffDraft, published: Published): string | null {
  if (!published || published.document.audit === draft.audit) return null;
  return draft.audit === 'durable' ? 'Receipts of read calls become durable.' : 'Receipts of read calls become best effort.';
}
