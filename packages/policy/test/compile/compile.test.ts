import { randomUUID } from 'node:crypto';

import { expect, test } from 'vitest';

import { compileSnapshot, ConfigInvalid } from '../../src/compile/compile-snapshot.ts';
import type { SnapshotEntry } from '../../src/documents/profile.ts';
import {
  makeInstructions,
  makeProfile,
  makePrompt,
  makeResource,
  makeServer,
  makeSnapshot,
  makeTemplate,
  makeTool,
} from '../../src/testing/build.ts';

const server = makeServer();

function listProblems(content: Parameters<typeof makeSnapshot>[0]): readonly string[] {
  try {
    compileSnapshot(makeSnapshot(content));
    return [];
  } catch (error) {
    if (error instanceof ConfigInvalid) return error.problems;
    throw error;
  }
}

test('arranges servers, profiles and keys for look-up', () => {
  const profile = makeProfile([makeTool(server), makeTool(server, { name: 'orders.drop' }, { rule: 'deny' })]);
  const key = {
    keyId: randomUUID(),
    hash: 'a'.repeat(64),
    personId: randomUUID(),
    profileId: profile.id,
    expiresAt: '2026-02-01T00:00:00Z',
  };
  const revoked = randomUUID();
  const compiled = compileSnapshot(
    makeSnapshot({ servers: [server], profiles: [profile], clientKeys: [key], revokedKeyIds: [revoked] }),
  );
  expect(compiled.serversById.get(server.id)).toBe(server);
  expect(compiled.clientKeysByHash.get(key.hash)).toBe(key);
  expect(compiled.revokedKeyIds.has(revoked)).toBe(true);
  const found = compiled.profilesBySlug.get('support');
  expect(found?.lists.tools.map((tool) => tool.name)).toEqual(['orders.get']);
  expect([...(found?.tools.keys() ?? [])]).toEqual(['orders.get', 'orders.drop']);
});

test('T-51: a definition that is not the pinned one is refused', () => {
  const tool = makeTool(server);
  const changed = { ...tool, definition: { ...tool.definition, description: 'now with a space' } };
  expect(listProblems({ servers: [server], profiles: [makeProfile([changed])] })).toHaveLength(1);
  const renamed = makeTool(server, { name: 'a' }, { name: 'b' });
  expect(listProblems({ servers: [server], profiles: [makeProfile([renamed])] })).toHaveLength(1);
});

test('T-52: two tools under look-alike names are refused', () => {
  const tools = [makeTool(server, { name: 'get_order' }), makeTool(server, { name: 'Get-Order' })];
  expect(listProblems({ servers: [server], profiles: [makeProfile(tools)] })).toEqual([
    'profile support: two tools are called get_order',
  ]);
});

test('ids and slugs have to be unique and tools need their server', () => {
  expect(listProblems({ servers: [server, { ...makeServer(), slug: 'b', id: server.id }] })).toEqual([
    `server id ${server.id} appears twice`,
  ]);
  expect(listProblems({ servers: [server, makeServer()] })).toEqual(['server slug orders appears twice']);
  expect(listProblems({ profiles: [makeProfile([]), makeProfile([])] })).toEqual(['profile slug support appears twice']);
  expect(listProblems({ profiles: [makeProfile([makeTool(server)])] })).toEqual([
    'profile support: tool orders.get names a server that is not there',
  ]);
});

test('the hash of the list changes exactly when the list changes', () => {
  const hashWith = (describe: string | null, denied: boolean) =>
    compileSnapshot(
      makeSnapshot({
        servers: [server],
        profiles: [
          makeProfile([
            makeTool(server, {}, { describe }),
            ...(denied ? [makeTool(server, { name: 'x' }, { rule: 'deny' })] : []),
          ]),
        ],
      }),
    ).profilesBySlug.get('support')?.listHashes.tools;
  expect(hashWith(null, true)).toBe(hashWith(null, false));
  expect(hashWith('other words', false)).not.toBe(hashWith(null, false));
});

test('prompts and resources contradict themselves in the same ways', () => {
  const problems = (entries: SnapshotEntry[], servers = [server]) =>
    listProblems({ servers, profiles: [makeProfile(entries)] }).map((problem) => problem.replace('profile support: ', ''));
  const prompt = makePrompt(server);
  const [resource, template] = [makeResource(server, { uri: 'a://b' }), makeTemplate(server, { uriTemplate: 'a://{b}' })];
  expect(problems([prompt, resource, template])).toEqual([]);
  expect(problems([prompt, makePrompt(server, { name: 'Summary' })])).toEqual(['two prompts are called summary']);
  expect(problems([resource, resource])).toEqual(['two resources have the address a://b']);
  expect(problems([template, makeTemplate(server, { uriTemplate: 'a://{c}' })])).toEqual([
    'two templates describe the addresses a://{c}',
  ]);
  expect(problems([makeTemplate(server, { uriTemplate: 'a://{' })])).toEqual(['the template a://{ cannot be read']);
  expect(problems([{ ...prompt, definition: { name: 'summary', title: 'Other' } }])).toEqual([
    'the definition of prompt summary is not the pinned one',
  ]);
  expect(problems([{ ...resource, name: 'a://c' }])).toEqual(['the definition of resource a://c is not the pinned one']);
  expect(problems([prompt, resource, template], [])).toHaveLength(3);
});

test('the hash of resources covers templates, and no list changes the hash of another', () => {
  const hashes = (...entries: SnapshotEntry[]) =>
    compileSnapshot(makeSnapshot({ servers: [server], profiles: [makeProfile(entries)] })).profilesBySlug.get('support')
      ?.listHashes;
  const none = hashes();
  const prompt = hashes(makePrompt(server));
  expect(prompt).toEqual({ ...none, prompts: prompt?.prompts });
  expect(prompt?.prompts).not.toBe(none?.prompts);
  const template = hashes(makeTemplate(server, { uriTemplate: 'a://{b}' }));
  expect(template).toEqual({ ...none, resources: template?.resources });
  expect(template?.resources).not.toBe(none?.resources);
});

test('clients are told the description of the profile, then what its servers say, by name when there are several', () => {
  const weather = { ...makeServer(), id: randomUUID(), slug: 'weather', name: 'Weather' };
  const told = (description: string, ...entries: SnapshotEntry[]) =>
    compileSnapshot(
      makeSnapshot({ servers: [server, weather], profiles: [makeProfile(entries, { description })] }),
    ).profilesBySlug.get('support')?.instructions;
  const [orders, other] = [makeInstructions(server, 'Look up first.'), makeInstructions(weather, 'Ask for a city.')];
  expect(told('')).toBe('');
  expect(told('For support.')).toBe('For support.');
  expect(told('For support.', orders)).toBe('For support.\n\nLook up first.');
  expect(told('', other, orders)).toBe('Orders:\nLook up first.\n\nWeather:\nAsk for a city.');
  const changed = { ...orders, definition: { text: 'Drop everything.' } };
  expect(listProblems({ servers: [server], profiles: [makeProfile([changed])] })).toEqual([
    'profile support: the definition of instructions instructions is not the pinned one',
  ]);
});
