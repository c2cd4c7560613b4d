import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

import pino from 'pino';
import { afterAll, expect, onTestFinished, test } from 'vitest';

import { Relay } from '@gatehouse/protocol/testing/relay';
import { createClientKey } from '@gatehouse/services/client-key/create-client-key';
import { revokeClientKey } from '@gatehouse/services/client-key/revoke-client-key';
import { getActorId, type ServiceContext } from '@gatehouse/services/context';
import { getDiscovery } from '@gatehouse/services/discovery/get-discovery';
import { startDiscovery } from '@gatehouse/services/discovery/start-discovery';
import { removeMember } from '@gatehouse/services/member/remove-member';
import { createProfile } from '@gatehouse/services/profile/create-profile';
import { saveDraft } from '@gatehouse/services/profile/draft/save-draft';
import { grantAccess } from '@gatehouse/services/profile/grant-access';
import { publishProfile } from '@gatehouse/services/profile/publish/publish-profile';
import { disableProfile } from '@gatehouse/services/profile/switch-profile';
import { decideReview } from '@gatehouse/services/review/decide-review';
import { keepRevocations } from '@gatehouse/services/revocation/keep-revocations';
import { openRuntime } from '@gatehouse/services/runtime';
import { createServer } from '@gatehouse/services/server/create-server';

import { startProcess } from '../support/processes.ts';
import { expectWithin, type Site, startMcpServer, startSite } from '../support/site.ts';
import { World, type RunningHub, type Workspace } from '../support/world.ts';
import { Calls, countServing, NUMBERED_SERVER, readCalls } from './calls.ts';

/** Backups, and how many receipts each of them does not have when it is restored. */
const [ROUNDS, MISSED] = process.env['GATEHOUSE_DRILL'] === '1' ? [5, 100] : [1, 40];

const world = await World.open();
afterAll(() => world.close());
const owner = await world.database.connectOwner();
const query = (sql: string) => owner.query<{ call: number }>(sql);

/** Two profiles with one tool each, whose receipts say which call it was. */
async function publishProfiles(workspace: Workspace, url: string, sites: readonly Site[]) {
  const [ctx, siteIds] = [await workspace.as('owner'), sites.map(({ id }) => id)];
  const credential = { kind: 'header', header: 'authorization', prefix: 'Bearer ', reference: 'env:SECRET_ORDERS' } as const;
  const transport = { kind: 'http', url: `${url}/mcp`, credential } as const;
  const { id: serverId } = await createServer({ ctx, input: { name: 'Orders', transport, purpose: 'Orders', siteIds } });
  const { id: discoveryId } = await startDiscovery({ ctx, input: { serverId, agentId: sites[0]?.agentId ?? '' } });
  const look = () => getDiscovery({ ctx, input: { discoveryId } });
  await expectWithin(async () => (await look()).status).toBe('succeeded');
  const tool = { kind: 'tool', name: 'find' } as const;
  const reviewId = (await look()).openReviewId ?? '';
  const decision = { ...tool, verdict: 'approved' as const, risk: 'read' as const, logArguments: ['/call'] };
  await decideReview({ ctx: await workspace.as('reviewer'), input: { reviewId, decisions: [decision] } });
  const publish = async (name: string) => {
    const profile = await createProfile({ ctx, input: { name, siteIds } });
    await saveDraft({ ctx, input: { profileId: profile.id, draft: { entries: [{ ...tool, serverId }] } } });
    await publishProfile({ ctx, input: { profileId: profile.id } });
    return profile;
  };
  return { support: await publish('Support'), extra: await publish('Extra') };
}

/** Who has access to a profile and a key for it. */
async function giveKey(workspace: Workspace, profileId: string) {
  const [ctx, admin] = [await workspace.as('member'), await workspace.as('owner')];
  const membershipId = getActorId(ctx.actor);
  await grantAccess({ ctx: admin, input: { profileId, membershipId } });
  return { ctx, membershipId, ...(await createClientKey({ ctx, input: { profileId, name: 'drill' } })) };
}

/** The command as an operator types it; returns what it says. */
async function runCli(...args: string[]): Promise<string> {
  const cli = startProcess('cli/src/main.ts', args, {
    PATH: process.env['PATH'] ?? '',
    DATABASE_URL: world.database.ownerUrl,
    GATEHOUSE_BACKUP_KEY: world.signingKek.toString('base64'),
  });
  expect(await cli.ended, cli.readOutput()).toEqual([0, null]);
  return cli.readOutput();
}

/** The job that a worker runs every minute, as the worker's role. */
async function runWorkersJob(workspace: Workspace) {
  const { signingKek, database } = world;
  const log = pino({ level: 'silent' });
  const runtime = await openRuntime({ appDatabaseUrl: database.urls.worker, signingKek, hubPublicUrl: 'ws://127.0.0.1', log });
  const ctx: ServiceContext = { ...workspace.makeContext({ kind: 'system', job: 'keep-revocations' }), runtime };
  try {
    return await keepRevocations({ ctx });
  } finally {
    await runtime.close();
  }
}

test('a database is restored to a backup under calls: every receipt comes back, none twice, and nothing that was revoked', async () => {
  const workspace = await world.makeWorkspace();
  const relay = await Relay.start({ host: '127.0.0.1', port: 1 });
  onTestFinished(() => relay.stop());
  let hub = await startHub(relay);
  const url = await startMcpServer((method) => NUMBERED_SERVER[method] ?? null);
  const place = { hub: { url: `ws://127.0.0.1:${relay.port}` }, workspace };
  const sites = [await startSite(place, 'north', url, 't0ken-one'), await startSite(place, 'south', url, 't0ken-one')];
  const { support, extra } = await publishProfiles(workspace, url, sites);
  const steady = await giveKey(workspace, support.id);
  await expectWithin(() => countServing(sites, support.slug, steady.key)).toBe(2);
  const calls = new Calls(sites, support.slug, steady.key);
  const folder = mkdtempSync(join(tmpdir(), 'gatehouse-drill-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));

  for (let round = 1; round <= ROUNDS; round += 1) {
    const [revoked, removed] = [await giveKey(workspace, support.id), await giveKey(workspace, support.id)];
    const stopped = await giveKey(workspace, extra.id);
    const keys: [slug: string, key: string][] = [
      [support.slug, revoked.key],
      [support.slug, removed.key],
      ...(round === 1 ? [[extra.slug, stopped.key] satisfies [string, string]] : []),
    ];
    for (const [slug, key] of keys) await expectWithin(() => countServing(sites, slug, key)).toBe(2);
    const backup = join(folder, `${round}.backup`);
    await runCli('backup', '--out', backup);
    const inBackup = (await readCalls(query)).length;

    const admin = await workspace.as('owner');
    await revokeClientKey({ ctx: admin, input: { keyId: revoked.id } });
    await removeMember({ ctx: admin, input: { membershipId: removed.membershipId } });
    if (round === 1) await disableProfile({ ctx: admin, input: { profileId: extra.id } });
    for (const [slug, key] of keys) await expectWithin(() => countServing(sites, slug, key)).toBe(0);
    await expectWithin(async () => (await readCalls(query)).length).toBeGreaterThan(inBackup + MISSED);
    // from now on at every moment: at no site, with no key
    const revived = watch(sites, keys);
    const before = (await readCalls(query)).length;

    await hub.stop();
    const said = await runCli('restore', '--replace', '--from', backup);
    expect(said).toContain('The database is as the backup has it.');
    const after = (await readCalls(query)).length;
    expect(after).toBeLessThan(before - MISSED / 2);
    hub = await startHub(relay);

    await expectWithin(async () => (await readCalls(query)).length).toBeGreaterThan(before);
    await expectWithin(async () => (await runWorkersJob(workspace), isEnded(workspace, { revoked, removed, extra }))).toBe(true);
    await expectWithin(async () => (await runWorkersJob(workspace)).takenOver).toBe(0);
    expect(await revived.stop()).toEqual([]);
    process.stdout.write(
      `ATTACK, a database restored under calls: ${before - after} receipts were not in the backup and came back, nothing revoked did\n`,
    );
  }
  // and what is decided now gets there: versions went on above those that the agents have
  const late = await giveKey(workspace, support.id);
  // of an agent that came back later the next run of the job knows
  await expectWithin(async () => (await runWorkersJob(workspace), countServing(sites, support.slug, late.key))).toBe(2);
  await calls.stop();
  expect(calls.failed).toEqual([]);
  await expectWithin(() => readCalls(query)).toEqual([...calls.answered].toSorted((a, b) => a - b));
}, 600_000);

/** A hub that agents reach by the relay, as the one before it. */
async function startHub(relay: Relay): Promise<RunningHub> {
  const hub = await world.startHub({}, 0, `ws://127.0.0.1:${relay.port}`);
  relay.replaceHub({ host: '127.0.0.1', port: hub.port });
  return hub;
}

/** Tries these keys again and again; tells which were let in. */
function watch(sites: readonly Site[], keys: readonly [slug: string, key: string][]): { stop(): Promise<string[]> } {
  const found: string[] = [];
  let stopped = false;
  const running = (async () => {
    while (!stopped) {
      for (const [slug, key] of keys) if ((await countServing(sites, slug, key)) > 0) found.push(slug);
      await delay(20);
    }
  })();
  return {
    async stop() {
      stopped = true;
      await running;
      return found;
    },
  };
}

/** Whether the control plane knows again of what was revoked. */
async function isEnded(
  { tenantId }: Workspace,
  { revoked, removed, extra }: Record<'revoked' | 'extra', { id: string }> & { removed: { id: string; membershipId: string } },
): Promise<boolean> {
  const { rows } = await owner.query<{ ended: number }>(
    `SELECT (SELECT count(*)::int FROM client_key WHERE tenant_id = $1 AND id IN ($2, $3) AND revoked_at IS NOT NULL)
       + (SELECT count(*)::int FROM membership WHERE tenant_id = $1 AND id = $4 AND ended_at IS NOT NULL)
       + (SELECT count(*)::int FROM profile WHERE tenant_id = $1 AND id = $5 AND disabled_at IS NOT NULL) AS ended`,
    [tenantId, revoked.id, removed.id, removed.membershipId, extra.id],
  );
  return rows[0]?.ended === 4;
}
