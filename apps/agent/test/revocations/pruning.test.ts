import { randomUUID } from 'node:crypto';
import { cpSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';

import fc from 'fast-check';
import { expect, test } from 'vitest';

import type { SignedEnvelope } from '@gatehouse/protocol/envelope';
import type { RevocationsPush } from '@gatehouse/protocol/revocations';
import { FakeRevocations } from '@gatehouse/protocol/testing/fake-revocations';
import { TestKey } from '@gatehouse/protocol/testing/test-key';

import { RevocationLog } from '../../src/revocations/revocation-log.ts';
import { realDisk, type Disk } from '../../src/state/disk.ts';
import { openStateDir } from '../../src/state/state-dir.ts';
import { silentLog, TestSite } from '../support/control-plane/site.ts';
import { FailingDisk, makeDiskError } from '../support/disk/failing-disk.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { chooseRounds } from '../support/drill.ts';

const DAY_MS = 24 * 3_600_000;
const START = Date.parse('2026-11-28T12:00:00Z');

interface Key {
  keyId: string;
  expiresAt: number;
}

/** A tenant's log, a clock, and an agent on one folder. */
class World {
  readonly site = new TestSite();
  readonly control = new FakeRevocations(this.site.root, this.site.tenantId);
  readonly path = join(makeTempDir(), 'state');
  now = START;
  agent = this.open();

  open(disk: Disk = realDisk): RevocationLog {
    const dir = openStateDir(this.path, disk);
    return new RevocationLog({ dir, trust: this.site.trust, maxAgeMs: DAY_MS, now: () => this.now, log: silentLog });
  }

  async restart(disk?: Disk): Promise<void> {
    await this.agent.close();
    this.agent = this.open(disk);
  }

  revoke(validDays: number): Key {
    const key = { keyId: randomUUID(), expiresAt: this.now + validDays * DAY_MS };
    const [at, until] = [this.now, key.expiresAt].map((time) => new Date(time).toISOString());
    this.control.add('end', { kind: 'key', id: key.keyId }, { at, until });
    return key;
  }

  buildPush(entries?: readonly SignedEnvelope[], overrides: object = {}): RevocationsPush {
    return this.control.buildPush(entries, { asOf: new Date(this.now).toISOString(), ...overrides });
  }

  /** As an agent judges the key in whatever configuration it has. */
  isUsable({ keyId, expiresAt }: Key): boolean {
    return this.now < expiresAt && !this.agent.revocations.isKeyRevoked({ keyId, personId: 'p' }, this.now);
  }

  isUpToDate(): boolean {
    const { count, root } = this.control.buildHead();
    const status = this.agent.getStatus();
    return status.count === count && status.root === root;
  }

  countLines(): number {
    return readFileSync(openStateDir(this.path).revocations, 'utf8').split('\n').filter(Boolean).length;
  }
}

/** Keys of one and of thirty days are revoked and known, and ten days later the control plane has pruned the first. */
async function makePruned(): Promise<World & { short: Key; long: Key }> {
  const world = new World();
  const keys = { short: world.revoke(1), long: world.revoke(30) };
  await world.agent.take(world.buildPush());
  world.now += 10 * DAY_MS;
  world.control.prune(world.now - 7 * DAY_MS);
  return Object.assign(world, keys);
}

test('what a signed head goes on without is forgotten, in memory and on disk, and is not handed back', async () => {
  const world = await makePruned();
  expect(await world.agent.take(world.buildPush([]))).toEqual({ isAhead: false });
  expect(world.isUpToDate()).toBe(true);
  expect(world.agent.explainAge(world.now)).toBeNull();
  expect(world.countLines()).toBe(1);
  expect(statSync(openStateDir(world.path).revocations).mode & 0o777).toBe(0o600);
  expect([...world.agent.listPages()].flat()).toEqual(world.control.entries);
  await world.restart();
  expect(world.isUpToDate()).toBe(true);
  expect(world.agent.explainAge(world.now)).toBeNull();
  expect([world.isUsable(world.short), world.isUsable(world.long)]).toEqual([false, false]);
});

test('with a full disk the file stays as it is; it is read as the log without what was pruned, and is shortened later', async () => {
  const world = await makePruned();
  const disk = new FailingDisk();
  await world.restart(disk);
  // the head is stored, the shorter file is not
  let files = 0;
  disk.fail = (step) => (step === 'create' && ++files > 1 ? makeDiskError('ENOSPC') : null);
  await world.agent.take(world.buildPush([]));
  expect(world.countLines()).toBe(2);
  await world.restart();
  expect(world.isUpToDate()).toBe(true);
  world.now += 30 * DAY_MS;
  world.control.prune(world.now - 7 * DAY_MS);
  await world.agent.take(world.buildPush([]));
  expect(world.countLines()).toBe(0);
  expect(world.isUpToDate()).toBe(true);
});

test.each([
  ['by another key', (world: World) => ({ key: new TestKey(), until: world.now })],
  ['from the future, also with the right key', (world: World) => ({ key: world.site.root, until: world.now + 400 * DAY_MS })],
])('T-13: a time up to which was pruned that is signed %s takes nothing out and confirms nothing', async (_, forge) => {
  const world = await makePruned();
  const { key, until } = forge(world);
  const thief = new FakeRevocations(key, world.site.tenantId);
  const asOf = new Date(world.now + 1).toISOString();
  const head = thief.signHead(thief.buildHead([], { asOf, prunedUntil: new Date(until).toISOString() }));
  expect(await world.agent.take({ type: 'revocations', entries: [], head })).toEqual({ isAhead: false });
  expect(world.agent.getStatus().count).toBe(2);
  expect(world.agent.revocations.isBarred({ kind: 'key', id: world.long.keyId }, world.now)).toBe(true);
  expect(world.agent.explainAge(world.now)).not.toBeNull();
  expect(world.countLines()).toBe(2);
});

test('an old head does not bring back the log of before, nor takes out what a newer one has', async () => {
  const world = await makePruned();
  const pruned = world.buildPush([]);
  const late = world.revoke(2);
  world.now += 60_000;
  await world.agent.take(world.buildPush());
  expect(await world.agent.take(pruned)).toEqual({ isAhead: true });
  expect(world.isUpToDate()).toBe(true);
  expect(world.isUsable(late)).toBe(false);
});

test('an entry without a time of its own, and a stop with one, stay whatever was pruned', async () => {
  const world = new World();
  const until = new Date(START + DAY_MS).toISOString();
  world.control.add('end', { kind: 'key', id: 'k' });
  world.control.add('end', { kind: 'agent', id: 'a' }, { until });
  world.control.add('stop', { kind: 'server', id: 's' }, { until });
  await world.agent.take(world.buildPush());
  world.now += 400 * DAY_MS;
  world.control.prune(world.now - DAY_MS);
  await world.agent.take(world.buildPush([]));
  expect(world.agent.getStatus().count).toBe(3);
  expect(world.agent.revocations.isBarred({ kind: 'key', id: 'k' }, world.now)).toBe(true);
});

type Step =
  | { do: 'revoke'; days: number }
  | { do: 'wait'; days: number }
  | { do: 'prune' | 'restart' | 'copy folder' | 'old folder' | 'backup' | 'old database' }
  | { do: 'push'; from: number; to: number; head: number };

const drawStep: fc.Arbitrary<Step> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant('revoke'), days: fc.integer({ min: 1, max: 60 }) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait'), days: fc.integer({ min: 0, max: 30 }) }) },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constantFrom('prune', 'restart', 'copy folder', 'old folder', 'backup', 'old database') }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('push'), from: fc.nat(8), to: fc.nat(12), head: fc.nat(8) }),
  },
);

/** The hub says what it likes of what was ever signed; the agent's folder and the control plane's database are put back to what they were. */
async function runSteps(world: World, steps: readonly Step[]): Promise<void> {
  const { control, path } = world;
  const everything: SignedEnvelope[] = [];
  const heads: SignedEnvelope[] = [];
  /** those that the folder has been told of, now and when it was copied */
  let [told, copied]: [Set<Key>, Set<Key> | null] = [new Set(), null];
  const keys: Key[] = [];
  let backup = { entries: [...control.entries], prunedUntil: control.prunedUntil };
  for (const step of steps) {
    switch (step.do) {
      case 'revoke':
        keys.push(world.revoke(step.days));
        everything.push(...control.entries.slice(-1));
        break;
      case 'wait':
        world.now += step.days * DAY_MS + 1;
        break;
      case 'prune':
        control.prune(world.now - 7 * DAY_MS);
        break;
      case 'restart':
        await world.restart();
        break;
      case 'copy folder':
        cpSync(path, `${path}.copy`, { recursive: true });
        copied = new Set(told);
        break;
      case 'old folder':
        if (!copied) break;
        await world.agent.close();
        rmSync(path, { recursive: true });
        cpSync(`${path}.copy`, path, { recursive: true });
        world.agent = world.open();
        told = new Set(copied);
        break;
      case 'backup':
        backup = { entries: [...control.entries], prunedUntil: control.prunedUntil };
        break;
      case 'old database':
        control.entries.splice(0, Infinity, ...backup.entries);
        control.prunedUntil = backup.prunedUntil;
        break;
      case 'push': {
        const head = heads[step.head] ?? world.buildPush([]).head;
        heads.push(head);
        const entries = everything.slice(step.from, step.to);
        await world.agent.take({ type: 'revocations', entries, head });
        keys.slice(step.from, step.to).forEach((key) => told.add(key));
        break;
      }
    }
    for (const key of told) expect(world.isUsable(key)).toBe(false);
  }
}

test('whatever is pruned, restarted, replayed or put back, no key that an agent knew to be revoked works again, and logs become the same', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(drawStep, { maxLength: 40 }), async (steps) => {
      const world = new World();
      await runSteps(world, steps);
      // an honest hub: what the agent is ahead with is taken over, then it is sent all
      const { isAhead } = await world.agent.take(world.buildPush());
      world.now += 1;
      if (isAhead || !world.isUpToDate()) {
        const known = new Set(world.control.entries.map(({ payload }) => payload));
        const lacking = [...world.agent.listPages()].flat().filter(({ payload }) => !known.has(payload));
        world.control.entries.push(...lacking);
      }
      world.control.prune(world.now - 7 * DAY_MS);
      world.now += 1;
      await world.agent.take(world.buildPush());
      expect(world.isUpToDate()).toBe(true);
      expect(world.agent.explainAge(world.now)).toBeNull();
      await world.agent.close();
    }),
    { numRuns: chooseRounds(300) },
  );
});
