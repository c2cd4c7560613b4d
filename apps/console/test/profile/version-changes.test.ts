import { expect, test } from 'vitest';

import {
  type DraftEntry,
  DraftEntry as Entry,
  getAdvertisedName,
  PublishedEntry,
  type PublishedProfile,
} from '@gatehouse/policy/documents/profile';

import {
  listSettingChanges,
  listVersionChanges,
  toVersionContent,
  type VersionContent,
} from '../../src/features/profile/publish/version-changes.ts';

const SERVER = '0192f0c0-0000-7000-8000-000000000001';
const [OLD, NEW] = ['a'.repeat(64), 'b'.repeat(64)];

type Given = Partial<DraftEntry> & {
  kind: DraftEntry['kind'];
  name: string;
  pin?: string;
  problem?: VersionContent['entries'][number]['problem'];
};

function buildStaffDraft(...entries: Given[]): VersionContent {
  const joined = entries.map(({ pin = OLD, problem = null, ...given }) => {
    const entry = Entry.parse({ serverId: SERVER, ...given });
    return { ...entry, serverName: 'Orders', advertisedName: getAdvertisedName(entry), pins: [pin], problem };
  });
  const named = { name: 'Support', description: '' };
  return {
    ...named,
    audit: 'durable',
    hiddenText: 'mark',
    argumentForms: 'lenient',
    undeclaredArguments: 'refuse',
    entries: joined,
  };
}

function buildPublished(draft: VersionContent): PublishedProfile {
  return {
    name: 'Support',
    description: '',
    audit: draft.audit,
    entries: draft.entries.flatMap((entry) => entry.pins.map((pin) => PublishedEntry.parse({ ...entry, pin }))),
  };
}

function describe(draft: VersionContent, published: PublishedProfile | null): string[] {
  return listVersionChanges(draft, published).map((change) => `${change.change} ${change.name}: ${change.details.join(', ')}`);
}

test('in the first version everything is added: tools first, then the other entries', () => {
  const draft = buildStaffDraft(
    { kind: 'resource', name: 'doc://terms' },
    { kind: 'tool', name: 'refund', rename: 'give_back', rule: 'deny', arguments: [{ kind: 'hide', argument: '/note' }] },
    { kind: 'prompt', name: 'summary' },
    { kind: 'tool', name: 'get_order' },
  );
  expect(describe(draft, null)).toEqual([
    'added give_back: refund from Orders, denied, note hidden',
    'added get_order: from Orders',
    'added doc://terms: resource, from Orders',
    'added summary: prompt, from Orders',
  ]);
});

test('what is gone and what is different is said of every kind; what stays is not', () => {
  const before = buildStaffDraft(
    { kind: 'tool', name: 'refund', arguments: [{ kind: 'hide', argument: '/note' }] },
    { kind: 'tool', name: 'old', rename: 'older' },
    { kind: 'tool', name: 'same' },
    { kind: 'prompt', name: 'summary', rename: 'sum_up' },
    { kind: 'prompt', name: 'gone' },
    { kind: 'template', name: 'order://{id}' },
    { kind: 'instructions', name: 'instructions' },
  );
  const after = buildStaffDraft(
    { kind: 'instructions', name: 'instructions', pin: NEW },
    { kind: 'template', name: 'order://{id}' },
    { kind: 'prompt', name: 'summary', pin: NEW },
    { kind: 'resource', name: 'doc://new' },
    { kind: 'tool', name: 'same' },
    { kind: 'tool', name: 'refund', rename: 'give_back', describe: 'Gives back.', rule: 'deny', pin: NEW },
    { kind: 'tool', name: 'search' },
  );
  expect(describe(after, buildPublished(before))).toEqual([
    'added search: from Orders',
    'removed older: ',
    'changed give_back: was shown as refund, new description, denied from now on, note as the server has it again, definition approved since then',
    'added doc://new: resource, from Orders',
    'removed gone: prompt',
    'changed instructions: definition approved since then',
    'changed summary: prompt, was shown as sum_up, definition approved since then',
  ]);
});

test('the instructions of two servers are two changes', () => {
  const other = '0192f0c0-0000-7000-8000-000000000002';
  const both = buildStaffDraft(
    { kind: 'instructions', name: 'instructions' },
    { kind: 'instructions', name: 'instructions', serverId: other },
  );
  const changes = listVersionChanges(both, null);
  expect(new Set(changes.map(({ key }) => key)).size).toBe(2);
  expect(describe(both, null)).toEqual(['added instructions: from Orders', 'added instructions: from Orders']);
});

test('another definition is said to be approved only where it is', () => {
  const before = buildStaffDraft({ kind: 'tool', name: 'refund' });
  const describeNow = (problem: Given['problem']) =>
    describe(buildStaffDraft({ kind: 'tool', name: 'refund', pin: NEW, problem }), buildPublished(before));
  expect(describeNow({ code: 'rejected', text: 'rejected in review' })).toEqual([
    'changed refund: its server defines it otherwise now, which is off: rejected in review',
  ]);
  expect(describeNow({ code: 'server_deleted', text: 'its server was deleted' })).toEqual([
    'changed refund: its server was deleted',
  ]);
  expect(describeNow({ code: 'argument_rules', text: 'no such argument' })).toEqual([
    'changed refund: definition approved since then',
  ]);
});

test('two versions are compared as a draft with a version is, also where a server is gone', () => {
  const before = buildStaffDraft({ kind: 'tool', name: 'refund' }, { kind: 'tool', name: 'same' });
  const after = buildStaffDraft(
    { kind: 'tool', name: 'refund', rename: 'give_back' },
    { kind: 'tool', name: 'same' },
    { kind: 'tool', name: 'search' },
  );
  const known = toVersionContent(buildPublished(after), { [SERVER]: 'Orders' });
  expect(describe(known, buildPublished(before))).toEqual(describe(after, buildPublished(before)));
  const gone = toVersionContent(buildPublished(after), {});
  expect(describe(gone, null)).toContain('added search: from a deleted server');
});

test('a version says when the profile is called or described otherwise', () => {
  const draft = buildStaffDraft({ kind: 'tool', name: 'same' });
  const before = buildPublished(draft);
  expect(listSettingChanges(draft, before)).toEqual([]);
  expect(listSettingChanges({ ...draft, name: 'Desk', description: 'For the desk' }, before)).toEqual([
    'It is called Desk, and was Support.',
    'AI clients are told: “For the desk”',
  ]);
});
