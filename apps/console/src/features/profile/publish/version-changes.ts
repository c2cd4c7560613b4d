import { describeArgument } from '@gatehouse/policy/curation/argument-path';
import { type EntryKind, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';
import type { ArgumentRule } from '@gatehouse/policy/documents/profile';

import { describeRule } from '../arguments/argument-rules.ts';
import { type ProfileDetail, type StaffDraft, getTools } from '../draft/draft.ts';

type Published = ProfileDetail['published'];

export interface VersionChange {
  kind: 'added' | 'removed' | 'changed';
  /** name that AI clients see after publishing; of a removed tool, the one they saw */
  name: string;
  /** what is different, in words: "denied now", "new description" */
  details: string[];
}

/** What publishing the draft would change for AI clients: tools, then the other entries; of each, what is added first. */
export function listVersionChanges(draft: StaffDraft, published: Published): VersionChange[] {
  return [...listToolChanges(draft, published), ...listOtherChanges(draft, published)];
}

function listToolChanges(draft: StaffDraft, published: Published): VersionChange[] {
  const was = new Map((published ? getTools(published.document) : []).map((tool) => [toServerEntryKey(tool), tool]));
  const tools = getTools(draft);
  const is = new Set(tools.map(toServerEntryKey));
  const added = tools.filter((tool) => !was.has(toServerEntryKey(tool)));
  return [
    ...added.map((tool): VersionChange => ({ kind: 'added', name: tool.advertisedName, details: describeNewTool(tool) })),
    ...[...was]
      .filter(([key]) => !is.has(key))
      .map(([, { advertisedName }]): VersionChange => ({ kind: 'removed', name: advertisedName, details: [] })),
    ...tools.flatMap((tool): VersionChange[] => {
      const before = was.get(toServerEntryKey(tool));
      const details = before ? describeToolChanges(before, tool) : [];
      return details.length > 0 ? [{ kind: 'changed', name: tool.advertisedName, details }] : [];
    }),
  ];
}

type DraftTool = Extract<StaffDraft['entries'][number], { kind: 'tool' }>;
type PublishedTool = Extract<NonNullable<Published>['document']['entries'][number], { kind: 'tool' }>;

function describeNewTool({ rule, serverName, name, advertisedName, arguments: rules }: DraftTool): string[] {
  return [
    advertisedName === name ? `from ${serverName}` : `${name} from ${serverName}`,
    ...(rule === 'deny' ? ['denied'] : []),
    ...rules.map(formatRuleLine),
  ];
}

const formatRuleLine = (rule: ArgumentRule): string => `${describeArgument(rule.argument)} ${describeRule(rule)}`;

/** What is different about the arguments, each in words. */
function describeRuleChanges(before: readonly ArgumentRule[], after: readonly ArgumentRule[]): string[] {
  const lines = new Set(before.map(formatRuleLine));
  const now = new Set(after.map(({ argument }) => argument));
  return [
    ...after.map(formatRuleLine).filter((line) => !lines.has(line)),
    ...before
      .filter(({ argument }) => !now.has(argument))
      .map(({ argument }) => `${describeArgument(argument)} as the server has it again`),
  ];
}

/** An entry that is no tool: only its name and its definition can be another. */
interface Other {
  kind: Exclude<EntryKind, 'tool'>;
  serverId: string;
  name: string;
  advertisedName: string;
  pin: string | null;
}

function listPublishedOthers({ entries }: NonNullable<Published>['document']): Other[] {
  return entries.flatMap((entry) =>
    entry.kind === 'tool' ? [] : [{ ...entry, advertisedName: entry.kind === 'prompt' ? entry.advertisedName : entry.name }],
  );
}

function listOtherChanges({ entries }: StaffDraft, published: Published): VersionChange[] {
  const before = new Map(
    (published ? listPublishedOthers(published.document) : []).map((entry) => [toServerEntryKey(entry), entry]),
  );
  const after: Other[] = entries.filter((entry) => entry.kind !== 'tool');
  const kept = new Set(after.map(toServerEntryKey));
  const change = (kind: VersionChange['kind'], entry: Other, details: string[]): VersionChange => ({
    kind,
    name: entry.advertisedName,
    details: [KIND_WORD[entry.kind], ...details],
  });
  return [
    ...after.filter((entry) => !before.has(toServerEntryKey(entry))).map((entry) => change('added', entry, [])),
    ...[...before].filter(([key]) => !kept.has(key)).map(([, entry]) => change('removed', entry, [])),
    ...after.flatMap((entry) => {
      const was = before.get(toServerEntryKey(entry));
      if (!was) return [];
      const details = [
        ...(was.advertisedName === entry.advertisedName ? [] : [`was shown as ${was.advertisedName}`]),
        ...(was.pin === entry.pin ? [] : ['definition approved since then']),
      ];
      return details.length > 0 ? [change('changed', entry, details)] : [];
    }),
  ];
}

function describeToolChanges(before: PublishedTool, after: DraftTool): string[] {
  const lines: string[] = [];
  if (before.advertisedName !== after.advertisedName) lines.push(`was shown as ${before.advertisedName}`);
  if (before.describe !== after.describe) {
    lines.push(after.describe === null ? 'the server’s own description again' : 'new description');
  }
  if (before.rule !== after.rule) lines.push(after.rule === 'deny' ? 'denied from now on' : 'allowed from now on');
  else if (before.denyReason !== after.denyReason) lines.push('another reason for the refusal');
  lines.push(...describeRuleChanges(before.arguments, after.arguments));
  if (before.pin !== after.pin) lines.push('definition approved since then');
  return lines;
}

/** How receipts of read calls are kept after publishing, when that changes. */
export function describeAuditChange(draft: StaffDraft, published: Published): string | null {
  if (!published || published.document.audit === draft.audit) return null;
  return draft.audit === 'durable' ? 'Receipts of read calls become durable.' : 'Receipts of read calls become best effort.';
}
