import { randomInt, randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { runInLookup, runInTenant } from '../src/tenant.ts';
import { makeSite, makeTenant, openTestDatabase } from '../src/testing.ts';

const ROUNDS = process.env.GATEHOUSE_DRILL ? 10_000 : 500;
const TENANTS = 50;
let database: Awaited<ReturnType<typeof openTestDatabase>>;

beforeAll(async () => {
  database = await openTestDatabase(1);
});
afterAll(() => database.drop());

class Abort extends Error {}

test(
  `T-32: ${ROUNDS} interleaved requests of ${TENANTS} tenants over one connection never meet`,
  { timeout: 300_000 },
  async () => {
    const { db } = database;
    const tenants: string[] = [];
    for (let index = 0; index < TENANTS; index += 1) {
      const { id } = await makeTenant(db);
      await makeSite(db, id);
      tenants.push(id);
    }
    let [crossings, aborted, answered] = [0, 0, 0];

    const request = async (): Promise<void> => {
      const tenantId = tenants[randomInt(TENANTS)] ?? '';
      const fate = randomInt(10);
      try {
        await runInTenant(db, tenantId, async (tx) => {
          if (fate === 0) throw new Abort();
          if (fate === 1) await tx.$executeRaw`SELECT 1 / 0`;
          if (fate === 2)
            await tx.site.create({
              data: { tenantId: tenants[(tenants.indexOf(tenantId) + 1) % TENANTS]!, slug: 'x', name: 'x' },
            });
          const sites = await tx.site.findMany();
          if (sites.length !== 1 || sites[0]?.tenantId !== tenantId) crossings += 1;
          if (fate === 3) throw new Abort();
        });
        answered += 1;
      } catch (error) {
        if (!(error instanceof Abort) && !/division by zero|row-level security|42501/.test(String(error))) throw error;
        aborted += 1;
      }
    };

    const queue = Array.from({ length: 4 }, async () => {
      for (let round = 0; round < ROUNDS / 4; round += 1) await request();
    });
    await Promise.all(queue);
    expect({ crossings, total: aborted + answered }).toEqual({ crossings: 0, total: ROUNDS });
    expect(aborted).toBeGreaterThan(ROUNDS / 10);
  },
);

test('T-32: nothing of a transaction is left on the connection', async () => {
  const { db } = database;
  const tenantId = randomUUID();
  await runInTenant(db, tenantId, (tx) => tx.site.findMany());
  await runInLookup(db, { userId: tenantId, lookup: 'x' }, (tx) => tx.tenant.findMany());
  const left = await db.prisma.$queryRaw`
    SELECT current_setting('app.tenant_id') AS tenant, current_setting('app.user_id') AS user_id, current_setting('app.lookup') AS lookup`;
  expect(left).toEqual([{ tenant: '', user_id: '', lookup: '' }]);
});

test('T-32: a setting that something left on the connection is not looked at', async () => {
  const { db } = database;
  const [stale, tenantId] = [await makeTenant(db), await makeTenant(db)].map(({ id }) => id) as [string, string];
  await makeSite(db, stale);
  await db.prisma.$executeRaw`SELECT set_config('app.tenant_id', ${stale}, false)`;
  expect(await runInTenant(db, tenantId, (tx) => tx.site.findMany())).toEqual([]);
  await expect(runInLookup(db, { userId: randomUUID() }, (tx) => tx.site.findMany())).rejects.toThrow(/type uuid: ""/);
  await db.prisma.$executeRaw`SELECT set_config('app.tenant_id', '', false)`;
});
