import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { expect, test } from 'vitest';

import { makeContent, listTools, listKeys, listHashes, findPart } from '../support/control-plane/part-content.ts';
import { TestSite } from '../support/control-plane/site.ts';
import { FailingDisk, makeDiskError } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';

test('T-16: a crash at any step of storing leaves exactly the old or the new configuration, whole', async () => {
  const site = new TestSite();
  const content = makeContent();
  const next = { ...content, clientKeys: content.clientKeys.slice(1) };
  const seen = new Set<number>();
  for (let crashAt = 0; ; crashAt++) {
    const path = makeTempDir();
    await site.startAgent(path).hub.push(site.pushParts(1, content));
    const disk = new FailingDisk();
    disk.fail = (_step, index) => (index >= crashAt ? makeDiskError('EIO') : null);
    const agent = site.startAgent(path, { disk });
    const status = await agent.hub.push(site.pushParts(2, next));
    const restarted = site.startAgent(path);
    const version = restarted.current.get()?.version ?? 0;
    seen.add(version);
    expect(listKeys(restarted)).toEqual(listHashes(version === 2 ? next.clientKeys : content.clientKeys));
    expect(restarted.applier.getStatus().appliedVersion).toBe(version);
    if (disk.steps.length < crashAt) break;
    if (status?.status === 'rejected') {
      expect(status).toMatchObject({ appliedVersion: 1, error: { code: 'storage' } });
      expect(listKeys(agent)).toEqual(listHashes(content.clientKeys));
      expect([1, 2]).toContain(version);
    } else expect(version).toBe(2);
  }
  expect(seen).toEqual(new Set([1, 2]));
});

test('T-15: what the disk did not take is tried again', async () => {
  const site = new TestSite();
  const disk = new FailingDisk();
  const agent = site.startAgent(makeTempDir(), { disk });
  disk.fail = (step) => (step === 'write' ? makeDiskError('ENOSPC') : null);
  expect(await agent.hub.push(site.pushParts(1, makeContent()))).toMatchObject({ error: { code: 'storage' } });
  expect(await agent.applier.retry()).toBeNull();
  disk.fail = () => null;
  expect(await agent.applier.retry()).toMatchObject({ nonce: null, status: 'applied', appliedVersion: 1, error: null });
});

test('a damaged or missing part leaves the configuration before it; without one, what is left is served until the hub is there', async () => {
  const site = new TestSite();
  const content = makeContent();
  const [first, second] = content.clientKeys;
  if (!first || !second) throw new Error('no keys');
  for (const how of ['damaged', 'missing'] as const) {
    const path = makeTempDir();
    const agent = site.startAgent(path);
    await agent.hub.push(site.pushParts(1, { ...content, clientKeys: [first] }));
    const newer = site.pushParts(2, content);
    await agent.hub.push(newer);
    const spoil = (wanted: string) => {
      const file = join(agent.dir.parts, findPart(newer, wanted));
      if (how === 'missing') rmSync(file);
      else writeFileSync(file, readFileSync(file).fill(0x20, 0, 8));
    };
    spoil(second.keyId);
    const before = site.startAgent(path);
    expect(before.applier.getStatus()).toMatchObject({ appliedVersion: 1 });
    // how far versions had come, whatever is served
    expect(before.applier.getNewestManifest()).toEqual(newer.manifest);
    expect(listKeys(before)).toEqual([first.hash]);

    // both have this server
    spoil('"CRM"');
    const partial = site.startAgent(path);
    expect([listTools(partial, 'orders'), listTools(partial, 'crm')]).toEqual([['orders.get'], []]);
    expect([...(partial.current.get()?.withheld.values() ?? [])]).toMatchObject([{ kind: 'server', code: 'invalid' }]);
    expect(partial.applier.getStatus()).toMatchObject({ appliedVersion: 0, appliedHash: null });
    expect(await partial.hub.push(newer)).toMatchObject({ status: 'applied', appliedVersion: 2 });
    expect(listTools(partial, 'crm')).toEqual(['crm.get']);
    expect(site.startAgent(path).applier.getStatus()).toMatchObject({ appliedVersion: 2 });
  }
});

test('an agent with a stored snapshot starts with it, moves to parts, and back when its hub does not know them', async () => {
  const site = new TestSite();
  const path = makeTempDir();
  const content = makeContent();
  const first = site.startAgent(path);
  await first.applier.apply(site.push(site.makeSnapshot(5, content)));
  const moved = site.startAgent(path);
  expect(moved.current.get()?.version).toBe(5);
  expect(await moved.hub.push(site.pushParts(4, content))).toMatchObject({ error: { code: 'rollback' } });
  expect(await moved.hub.push(site.pushParts(6, content))).toMatchObject({ appliedVersion: 6 });
  expect(readdirSync(path)).not.toContain('snapshot.json');

  const back = site.startAgent(path);
  expect(await back.applier.apply(site.push(site.makeSnapshot(5, content)))).toMatchObject({ error: { code: 'rollback' } });
  expect(await back.applier.apply(site.push(site.makeSnapshot(7, content)))).toMatchObject({ appliedVersion: 7 });
  expect(readdirSync(path)).not.toContain('manifest.json');
  expect(readdirSync(back.dir.parts)).toEqual([]);
  expect([moved, back].map(({ applier }) => applier.getNewestManifest() !== null)).toEqual([true, false]);
  expect(site.startAgent(path).current.get()?.version).toBe(7);
});

test('parts that neither the newest configuration nor the one before it has are removed', async () => {
  const site = new TestSite();
  const agent = site.startAgent(makeTempDir());
  const contents = [1, 2, 3].map(() => makeContent());
  const pushed = contents.map((content, n) => site.pushParts(n + 1, content));
  for (const each of pushed) await agent.hub.push(each);
  writeFileSync(join(agent.dir.parts, 'left.new'), '');
  await agent.hub.push(site.pushParts(4, contents[2]));
  const [, , last] = pushed;
  expect(new Set(readdirSync(agent.dir.parts))).toEqual(new Set(last?.parts.keys()));
});
