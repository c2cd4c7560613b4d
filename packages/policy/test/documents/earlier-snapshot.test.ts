import { expect, test } from 'vitest';

import { compileSnapshot } from '../../src/compile/compile-snapshot.ts';
import { ReadableSnapshot } from '../../src/documents/earlier-snapshot.ts';
import type { SnapshotEntry } from '../../src/documents/profile.ts';
import { Snapshot } from '../../src/documents/snapshot.ts';
import {
  makeProfile,
  makePrompt,
  makeResource,
  makeServer,
  makeSnapshot,
  makeTemplate,
  makeTool,
} from '../../src/testing/build.ts';

const server = makeServer();
const tool = makeTool(server, {}, { advertisedName: 'get_order', arguments: [{ kind: 'hide', argument: '/id' }] });
const ENTRIES = [
  tool,
  makePrompt(server),
  makeResource(server, { uri: 'a://b' }),
  makeTemplate(server, { uriTemplate: 'a://{b}' }),
];

/** The same entries as format 1 wrote them. */
function toEarlier(entries: readonly SnapshotEntry[], word: string, kind: SnapshotEntry['kind']): unknown[] {
  return entries.flatMap(({ kind: own, name, ...rest }) => (own === kind ? [{ [word]: name, ...rest }] : []));
}

function makeEarlierSnapshot(): unknown {
  const { entries, ...profile } = makeProfile(ENTRIES);
  const lists = {
    tools: toEarlier(entries, 'toolName', 'tool'),
    prompts: toEarlier(entries, 'promptName', 'prompt'),
    resources: toEarlier(entries, 'uri', 'resource'),
    resourceTemplates: toEarlier(entries, 'uriTemplate', 'template'),
  };
  const snapshot = makeSnapshot({ servers: [server] });
  return { ...snapshot, format: 1, content: { ...snapshot.content, profiles: [{ ...profile, ...lists }] } };
}

test('a snapshot of the earlier format is read as one of the present, and serves', () => {
  const read = ReadableSnapshot.parse(JSON.parse(JSON.stringify(makeEarlierSnapshot())));
  expect(read.format).toBe(2);
  expect(read.content.profiles[0]?.entries).toEqual(ENTRIES);
  expect(
    compileSnapshot(read)
      .profilesBySlug.get('support')
      ?.lists.tools.map(({ name }) => name),
  ).toEqual(['get_order']);
});

test('a snapshot of the present format is read as it is, anything else is refused', () => {
  const snapshot = makeSnapshot({ servers: [server], profiles: [makeProfile(ENTRIES)] });
  expect(ReadableSnapshot.parse(snapshot)).toEqual(Snapshot.parse(snapshot));
  expect(ReadableSnapshot.safeParse({ ...snapshot, format: 1 }).success).toBe(false);
  expect(ReadableSnapshot.safeParse({ ...snapshot, format: 3 }).success).toBe(false);
  expect(ReadableSnapshot.safeParse({ format: 1, content: { profiles: [{ tools: [{ toolName: 7 }] }] } }).success).toBe(false);
});
