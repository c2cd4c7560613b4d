import { spawn } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import { pino } from 'pino';

import { openDatabase } from '@gatehouse/db/client';
import { toProcessUrls } from '@gatehouse/db/process-roles';
import { withDatabase } from '@gatehouse/db/schema-engine';
import { runInTenant } from '@gatehouse/db/tenant';
import { recordActs } from '@gatehouse/db/testing/acts';
import { makeMembership, makeTenant } from '@gatehouse/db/testing/factories';
import { startTestPostgres } from '@gatehouse/db/testing/postgres-server';
import { findFreePort } from '@gatehouse/process/testing/free-port';
import { mutate } from '@gatehouse/services/audit/mutate';
import type { Actor, ServiceContext } from '@gatehouse/services/context';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';
import { createRootKey } from '@gatehouse/services/signing/keys';
import { createSite } from '@gatehouse/services/site/create-site';
import { EVERYTHING } from '@gatehouse/services/snapshot/parts/build-trees';
import { PASS_MS, writeConfiguration } from '@gatehouse/services/snapshot/write-configuration';

import { measureAgent } from './agent.ts';
import { measureProtocol, time, type Bed } from './measure.ts';
import { printFigures } from './print.ts';
import { fillTenant } from './tenant.ts';

// `npm run bench:configuration`: what one key costs a large tenant, as parts and as a whole. The verbs run here, the hub as a process of its own; the
// agent at the other end of the socket takes in, checks hashes and answers, and compiles nothing.
const { values } = parseArgs({
  options: {
    people: { type: 'string', default: '10000' },
    servers: { type: 'string', default: '300' },
    tools: { type: 'string', default: '20' },
    profiles: { type: 'string', default: '100' },
    changes: { type: 'string', default: '20' },
  },
});
const size = {
  people: Number(values.people),
  servers: Number(values.servers),
  toolsPerServer: Number(values.tools),
  profiles: Number(values.profiles),
  serversPerProfile: 3,
};
const log = pino({ level: 'silent' });

const postgres = await startTestPostgres();
try {
  const ownerUrl = withDatabase(postgres.ownerUrl, postgres.template);
  const urls = toProcessUrls(ownerUrl, postgres.passwords);
  const hub = await startHub(urls.hub);
  const runtime = await openRuntime({
    appDatabaseUrl: urls.console,
    signingKek: randomBytes(32),
    hubPublicUrl: hub.url,
    log,
    poolSize: 4,
  });
  const worker = { ...runtime, db: openDatabase({ url: urls.worker, poolSize: 4 }) };
  const owner = openDatabase({ url: ownerUrl, poolSize: 4 });
  try {
    const bed = await makeBed({ ...runtime, db: owner }, runtime, worker, hub.url);
    const firstWriteMs = await time(() =>
      mutate(bed.system, (m) => writeConfiguration(m, bed.system, bed.siteId, 'test.fill', EVERYTHING), {
        audited: false,
        timeoutMs: PASS_MS,
      }),
    );
    const figures = [
      await measureProtocol(bed, 2, Number(values.changes)),
      await measureProtocol(bed, 1, Number(values.changes)),
    ];
    const agent = await measureAgent(bed, Number(values.changes));
    printFigures({ size, firstWriteMs, figures, agent });
  } finally {
    hub.stop();
    await owner.close();
    await worker.db.close();
    await runtime.close();
  }
} finally {
  await postgres.stop();
}

async function startHub(databaseUrl: string): Promise<{ url: string; stop: () => void }> {
  const port = await findFreePort();
  const url = `ws://127.0.0.1:${port}`;
  const child = spawn(process.execPath, [join(import.meta.dirname, '../../hub/src/main.ts')], {
    env: { GATEHOUSE_HUB_DATABASE_URL: databaseUrl, GATEHOUSE_HUB_PORT: String(port), GATEHOUSE_HUB_PUBLIC_URL: url },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await Promise.race([
    once(child.stdout, 'data'),
    once(child, 'exit').then(() => Promise.reject(new Error('The hub did not start.'))),
  ]);
  child.stdout.resume();
  return { url, stop: () => void child.kill() };
}

/** A filled tenant with one site, and a person who may use every profile of it. */
async function makeBed(fixtures: Runtime, console: Runtime, worker: Runtime, hubUrl: string): Promise<Bed> {
  const owner = fixtures.db;
  const tenant = await makeTenant(owner);
  const tenantId = tenant.id;
  await runInTenant(owner, tenantId, (tx) => createRootKey(tx, fixtures.signer, tenantId));
  const makeContext = (runtime: Runtime, actor: Actor): ServiceContext => {
    return { runtime, tenantId, tenantSlug: tenant.slug, actor, requestId: randomUUID() };
  };
  const { id: membershipId, userId } = await makeMembership(owner, tenantId, { role: 'owner' });
  const admin = makeContext(console, { kind: 'person', userId, membershipId, role: 'owner' });
  const { id: siteId } = await createSite({ ctx: admin, input: { name: 'Helsinki' } });
  await fillTenant(owner, { tenantId, siteId }, size);
  const profileIds = await runInTenant(owner, tenantId, async (tx) => {
    const profiles = await tx.profile.findMany({ where: { tenantId }, select: { id: true } });
    const grantedBy = membershipId;
    await tx.profileAccess.createMany({
      data: profiles.map(({ id: profileId }) => ({ tenantId, profileId, membershipId, grantedBy })),
      skipDuplicates: true,
    });
    await recordActs(tx, tenantId);
    return profiles.map(({ id }) => id);
  });
  return { owner, admin, system: makeContext(worker, { kind: 'system', job: 'measure' }), siteId, profileIds, hubUrl };
}
