import { describeArgument } from '@gatehouse/policy/curation/argument-path';
import { type EntryKind, toServerEntryKey } from '@gatehouse/policy/documents/catalogue-entry';
import { KIND_WORD } from '@gatehouse/policy/documents/entry-counts';
import {
  type ArgumentRule,
  type DraftEntry as Choice,
  getAdvertisedName,
  getProfileSettings,
  type ProfileSettings,
  type PublishedEntry,
  type PublishedProfile,
  toDraftEntry,
} from '@gatehouse/policy/documents/profile';

import { writeVisible } from '../../../ui/text/visible-text.ts';
import { describeRule } from '../arguments/argument-rules.ts';

/** An entry with what is said of it when it is new. */
type DraftEntry = Choice & {
  serverName: string;
  advertisedName: string;
  /** one for each text of it that a site may have */
  pins: readonly string[];
  /** why it is off at present; null: it is not, or it is part of a version */
  problem: { code: string; text: string } | null;
};
type ToolOf<Entry> = Extract<Entry, { kind: 'tool' }>;

/** What is set beside a version: the draft, or a later version. */
export interface VersionContent extends Pick<PublishedProfile, 'name' | 'description'>, ProfileSettings {
  entries: readonly DraftEntry[];
}

/** A version as what it is compared as. `serverNames`: by id, without servers that were deleted. */
export function toVersionContent(document: PublishedProfile, serverNames: Readonly<Record<string, string>>): VersionContent {
  const entries = [...Map.groupBy(document.entries, toServerEntryKey).values()].flatMap((texts): DraftEntry[] => {
    const [first] = texts;
    if (!first) return [];
    const serverName = serverNames[first.serverId] ?? 'a deleted server';
    return [
      {
        ...toDraftEntry(first),
        serverName,
        advertisedName: getAdvertisedName(first),
        pins: texts.map(({ pin }) => pin),
        problem: null,
      },
    ];
  });
  const { name, description } = document;
  return { ...getProfileSettings(document), name, description, entries };
}

export interface VersionChange {
  /** of the entry, among those of all servers */
  key: string;
  change: 'added' | 'removed' | 'changed';
  kind: EntryKind;
  /** name that AI clients see after publishing; of a removed entry, the one they saw */
  name: string;
  /** what is different, in words: "denied now", "new description" */
  details: string[];
}

/** What a version changes for AI clients against the one before it: tools, then the other entries; of each, what is added first. */
export function listVersionChanges(
  { entries }: Pick<VersionContent, 'entries'>,
  published: Pick<PublishedProfile, 'entries'> | null,
): VersionChange[] {
  const texts = Map.groupBy(published?.entries ?? [], toServerEntryKey);
  const before = new Map([...texts.values()].flatMap(([first]) => (first ? [[toServerEntryKey(first), first]] : [])));
  const kept = new Set(entries.map(toServerEntryKey));
  const changes = [
    ...entries
      .filter((entry) => !before.has(toServerEntryKey(entry)))
      .map((entry) => toChange('added', entry, entry.kind === 'tool' ? describeNewTool(entry) : [`from ${entry.serverName}`])),
    ...[...before].filter(([key]) => !kept.has(key)).map(([, entry]) => toChange('removed', entry, [])),
    ...entries.flatMap((entry) => {
      const was = before.get(toServerEntryKey(entry));
      const pins = texts.get(toServerEntryKey(entry))?.map(({ pin }) => pin) ?? [];
      const details = was ? [...describeChanges(was, entry), ...describePins(pins, entry)] : [];
      return details.length > 0 ? [toChange('changed', entry, details)] : [];
    }),
  ];
  return changes.toSorted((a, b) => Number(b.kind === 'tool') - Number(a.kind === 'tool'));
}

/** Most entries are tools, so only the others are said to be what they are, and instructions have no other name. */
function toChange(change: VersionChange['change'], entry: DraftEntry | PublishedEntry, details: string[]): VersionChange {
  const { kind } = entry;
  const words = kind === 'tool' || kind === 'instructions' ? [] : [KIND_WORD[kind]];
  return {
    key: toServerEntryKey(entry),
    change,
    kind,
    name: writeVisible(getAdvertisedName(entry)),
    details: [...words, ...details],
  };
}

function describeNewTool({ rule, serverName, name, advertisedName, arguments: rules }: ToolOf<DraftEntry>): string[] {
  return [
    advertisedName === name ? `from ${serverName}` : `${writeVisible(name)} from ${serverName}`,
    ...(rule === 'deny' ? ['denied'] : []),
    ...rules.map(formatRuleLine),
  ];
}

function describeChanges(before: PublishedEntry, after: DraftEntry): string[] {
  const was = getAdvertisedName(before);
  return [
    ...(was === after.advertisedName ? [] : [`was shown as ${was}`]),
    ...(before.kind === 'tool' && after.kind === 'tool' ? describeCurationChanges(before, after) : []),
  ];
}

/** Sites may have different texts of one entry, each approved by itself. */
function describePins(before: readonly string[], { pins, problem }: DraftEntry): string[] {
  if (pins.every((pin) => before.includes(pin)) && before.length === pins.length) return [];
  switch (problem?.code) {
    case 'rejected':
    case 'waits_for_review':
    case 'server_disabled':
    case 'server_not_at_site':
      return [`its server defines it otherwise now, which is off: ${problem.text}`];
    case 'not_offered':
    case 'server_deleted':
      return [problem.text];
    default:
      return ['definition approved since then'];
  }
}

/** What is different about all that a profile makes of a tool beside its name. */
function describeCurationChanges(before: ToolOf<PublishedEntry>, after: ToolOf<DraftEntry>): string[] {
  const lines: string[] = [];
  if (before.describe !== after.describe) {
    lines.push(after.describe === null ? 'the server’s own description again' : 'new description');
  }
  if (before.rule !== after.rule) lines.push(after.rule === 'deny' ? 'denied from now on' : 'allowed from now on');
  else if (before.denyReason !== after.denyReason) lines.push('another reason for the refusal');
  return [...lines, ...describeRuleChanges(before.arguments, after.arguments)];
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

/** What holds for the whole profile and changes with the version, in words. */
export function listSettingChanges(draft: Omit<VersionContent, 'entries'>, published: PublishedProfile | null): string[] {
  if (!published) return [];
  const was = getProfileSettings(published);
  return [
    ...(published.name === draft.name ? [] : [`It is called ${draft.name}, and was ${published.name}.`]),
    ...(published.description === draft.description ? [] : [describeDescription(draft.description)]),
    ...(was.audit === draft.audit ? [] : [AUDIT[draft.audit]]),
    ...(was.hiddenText === draft.hiddenText ? [] : [HIDDEN_TEXT[draft.hiddenText]]),
    ...(was.argumentForms === draft.argumentForms ? [] : [ARGUMENT_FORMS[draft.argumentForms]]),
    ...(was.undeclaredArguments === draft.undeclaredArguments ? [] : [UNDECLARED[draft.undeclaredArguments]]),
  ];
}

function describeDescription(description: string): string {
  return description === ''
    ? 'AI clients are not told any more what it is for.'
    : `AI clients are told: “${writeVisible(description)}”`;
}

const AUDIT = {
  durable: 'Receipts of read calls become durable.',
  best_effort: 'Receipts of read calls become best effort.',
} as const;
const HIDDEN_TEXT = {
  mark: 'Hidden text in answers is marked.',
  strip: 'Hidden text is taken out of answers.',
  pass: 'Hidden text in answers is let through.',
} as const;
const ARGUMENT_FORMS = {
  lenient: 'Empty values are left out of calls, and numbers that are written as text are read.',
  complete: 'Calls are also put right where a list is written as text or a required argument is missing.',
  strict: 'Calls whose arguments have another form than their tool takes are denied.',
} as const;
const UNDECLARED = {
  refuse: 'Calls with arguments that their tool does not name are denied.',
  pass: 'Arguments that a tool does not name are passed on where its server takes them.',
} as const;
