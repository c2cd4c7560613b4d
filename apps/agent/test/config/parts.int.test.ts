import { readdirSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { IndexPart } from '@gatehouse/policy/documents/manifest';
import { makeProfile, makeServer, makeTool } from '@gatehouse/policy/testing/build';
import { makeParts } from '@gatehouse/policy/testing/build-parts';

import {
  makeContent,
  makeOtherKey,
  listTools,
  listKeys,
  listHashes,
  withIndex,
  withLeaf,
} from '../support/control-plane/part-content.ts';
import { cutPart } from '../support/control-plane/part-hub.ts';
import { TestSite } from '../support/control-plane/site.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

test('parts are fetched, checked, kept and served, and serve again after a restart without the hub', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const content = makeContent();
  const agent = site.startAgent(path);
  const pushed = site.pushParts(7, content);
  const status = await agent.hub.push(pushed);
  expect(status).toMatchObject({ status: 'applied', appliedVersion: 7, error: null });
  const restarted = site.startAgent(path);
  for (const each of [agent, restarted]) {
    expect(each.current.get()).toMatchObject({ version: 7, contentHash: status?.appliedHash, withheld: new Map() });
    expect(content.servers.map(({ slug }) => listTools(each, slug))).toEqual([['orders.get'], ['crm.get']]);
    expect(listKeys(each)).toEqual(listHashes(content.clientKeys));
    expect(each.applier.getStatus()).toMatchObject({ appliedVersion: 7, appliedHash: status?.appliedHash });
  }
  expect(readdirSync(agent.dir.parts).toSorted()).toEqual([...pushed.parts.keys()].toSorted());
  expect(await restarted.hub.push(site.pushParts(8, content))).toMatchObject({
    appliedVersion: 8,
    appliedHash: status?.appliedHash,
  });
  expect(restarted.hub.requests).toEqual([]);
});

test('one key more costs its small parts; what is the same is the same object', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  await agent.hub.push(site.pushParts(1, content));
  const before = agent.current.get()?.compiled;
  const [profile] = content.profiles;
  if (!profile || !before) throw new Error('nothing is served');
  agent.hub.requests.length = 0;
  const clientKeys = [...content.clientKeys, makeOtherKey(profile, content.clientKeys)];
  await agent.hub.push(site.pushParts(2, { ...content, clientKeys }));
  // two indexes, then a bucket of each
  expect(agent.hub.requests.map(({ length }) => length)).toEqual([2, 2]);
  const after = agent.current.get()?.compiled;
  expect(listKeys(agent)).toEqual(listHashes(clientKeys));
  for (const { slug } of content.profiles) expect(after?.profilesBySlug.get(slug)).toBe(before.profilesBySlug.get(slug));

  // a server that changes is compiled anew with the profiles that use it, and no others
  const [server, other] = content.servers;
  if (!server || !other) throw new Error('no servers');
  agent.hub.requests.length = 0;
  await agent.hub.push(site.pushParts(3, { ...content, clientKeys, servers: [{ ...server, name: 'Renamed' }, other] }));
  expect(agent.hub.requests.map(({ length }) => length)).toEqual([1, 1]);
  const last = agent.current.get()?.compiled;
  expect(last?.serversById.get(server.id)?.name).toBe('Renamed');
  expect(last?.profilesBySlug.get('orders')).not.toBe(after?.profilesBySlug.get('orders'));
  expect(last?.profilesBySlug.get('crm')).toBe(after?.profilesBySlug.get('crm'));
});

test('a key works while its person may use its profile', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const [first, second] = content.clientKeys;
  if (!first || !second) throw new Error('no keys');
  const grants: [string, string[]][] = [
    [first.personId, [first.profileId]],
    [second.personId, [first.profileId]],
  ];
  const built = makeParts(content, grants);
  await agent.hub.push(site.pushParts(1, content, { built }));
  expect(listKeys(agent)).toEqual([first.hash]);
  expect(agent.current.get()?.compiled.revokedKeyIds).toEqual(new Set([second.keyId]));
});

test('an entry is served while its server has the very pin, and one that is gone takes its entries along', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const [server, other] = content.servers;
  if (!server || !other) throw new Error('no servers');
  const newer = makeProfile([
    makeTool(server, { name: 'orders.get', description: 'changed' }),
    makeTool(server, { name: 'more' }),
  ]);
  const built = withIndex(makeParts(content), 'profiles', (entries) => entries);
  const withNewer = makeParts({ ...content, profiles: [newer] });
  // the profiles of one configuration over the servers of another
  const mixed = {
    roots: { ...built.roots, profiles: withNewer.roots.profiles },
    parts: new Map([...built.parts, ...withNewer.parts]),
  };
  expect(await agent.hub.push(site.pushParts(1, content, { built: mixed }))).toMatchObject({ status: 'applied' });
  expect(listTools(agent, newer.slug)).toEqual([]);
  const gone = withIndex(makeParts(content), 'servers', (entries) => entries.filter(([id]) => id !== other.id));
  await agent.hub.push(site.pushParts(2, content, { built: gone }));
  expect([listTools(agent, 'orders'), listTools(agent, 'crm')]).toEqual([['orders.get'], []]);
});

test('T-15: a server with a kind of credential that came after this agent is withheld and named; the rest is served', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const made = makeParts(content);
  const ids = JSON.parse(String(made.parts.get(made.roots.servers))) as IndexPart;
  const crm = content.servers[1];
  const at = ids.entries.findIndex(([id]) => id === crm?.id);
  const part = JSON.parse(String(made.parts.get(ids.entries[at]?.[1] ?? '')));
  part.server.transport = { kind: 'http', url: 'https://crm.example.com', credential: { kind: 'of-tomorrow', parts: [] } };
  const built = withLeaf(made, 'servers', at, Buffer.from(JSON.stringify(part)));
  expect(await agent.hub.push(site.pushParts(1, content, { built }))).toMatchObject({ status: 'applied', appliedVersion: 1 });
  const reason = expect.stringMatching(/cannot be read: .*credential/) as string;
  expect(agent.current.get()?.withheld).toEqual(new Map([[crm?.id, { kind: 'server', code: 'invalid', reason }]]));
  expect([listTools(agent, 'orders'), listTools(agent, 'crm')]).toEqual([['orders.get'], []]);
});

test('T-15: a server that is out of bounds or whose part cannot be read is withheld, a profile too; the rest is served', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const agent = site.startAgent(path);
  const { servers, profiles, clientKeys } = makeContent();
  const barred = makeServer({ slug: 'files', transport: { kind: 'stdio', entry: 'files', processes: 'shared' } });
  const content = { servers: [...servers, barred], profiles, clientKeys };
  const ids = JSON.parse(String(makeParts(content).parts.get(makeParts(content).roots.servers))) as IndexPart;
  const [crm] = servers.slice(1);
  const at = ids.entries.findIndex(([id]) => id === crm?.id);
  const built = withLeaf(makeParts(content), 'servers', at, Buffer.from('{"server":'));
  expect(await agent.hub.push(site.pushParts(1, content, { built }))).toMatchObject({ status: 'applied', appliedVersion: 1 });
  for (const each of [agent, site.startAgent(path)]) {
    expect(each.current.get()?.withheld).toEqual(
      new Map([
        [crm?.id, { kind: 'server', code: 'invalid', reason: expect.stringContaining('cannot be read') as string }],
        [barred.id, { kind: 'server', code: 'guardrail', reason: expect.stringContaining('no stdio entry') as string }],
      ]),
    );
    expect([listTools(each, 'orders'), listTools(each, 'crm')]).toEqual([['orders.get'], []]);
  }
  const [orders] = servers;
  const [profile] = profiles;
  if (!orders || !profile) throw new Error('nothing to serve');
  const twice = {
    ...profile,
    entries: [...profile.entries, makeTool(orders, { name: 'other' }, { advertisedName: 'orders.get' })],
  };
  await agent.hub.push(site.pushParts(2, { servers, profiles: [twice, ...profiles.slice(1)], clientKeys }));
  expect(agent.current.get()?.withheld.get(profile.id)).toMatchObject({ kind: 'profile', code: 'invalid' });
  expect([listTools(agent, 'orders'), listTools(agent, 'crm')]).toEqual([undefined, ['crm.get']]);
});

test('parts without a push, or of one that is over, are not taken', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const [piece] = cutPart('n'.repeat(24), 'a'.repeat(64), Buffer.from('{}'));
  if (!piece) throw new Error('no piece');
  expect(await agent.applier.takePart(piece)).toBe(false);
  await agent.hub.push(site.pushParts(1, makeContent()));
  expect(await agent.applier.takePart(piece)).toBe(false);
});

test('a newer push, or the end of the link, gives the fetching up: nothing is answered, and the next push goes on from what is here', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const content = makeContent();
  const good = agent.hub.answer;
  // the indexes come, the leaves do not
  agent.hub.answer = (request, parts) => (agent.hub.requests.length === 1 ? good(request, parts) : []);
  const first = agent.hub.push(site.pushParts(1, content));
  await expect.poll(() => agent.hub.requests.length).toBe(2);
  await agent.applier.abandonFetch('a newer push came');
  expect(await first).toBeNull();
  expect(agent.applier.getStatus()).toMatchObject({ status: 'applied', appliedVersion: 0, rejectedVersion: null });
  agent.hub.answer = good;
  agent.hub.requests.length = 0;
  expect(await agent.hub.push(site.pushParts(2, content))).toMatchObject({ appliedVersion: 2 });
  expect(agent.hub.requests).toHaveLength(1);
});
