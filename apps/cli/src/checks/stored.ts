import { readMigrationState } from '@gatehouse/db/migration-state';
import { checkReadiness } from '@gatehouse/process/ops';
import { checkSealedKeys } from '@gatehouse/services/operator/check-sealed-keys';
import type { Runtime } from '@gatehouse/services/runtime';

import type { GivenFacts } from '../env.ts';
import { describeFault } from '../fault.ts';
import { withRuntime } from '../with-runtime.ts';
import { fail, type Finding, note, pass, skip } from './finding.ts';

/** Whether the database is of this release. Only its owner sees that. */
export async function checkMigrations({ ownerUrl }: GivenFacts): Promise<Finding> {
  if (ownerUrl === null) return skip('database', 'DATABASE_URL is not given, so its migrations were not looked at');
  try {
    const { missing, unknown, newest } = await readMigrationState(ownerUrl);
    if (unknown.length > 0) {
      return fail('database', `it is of a later release than this one (${unknown.join(', ')}): use that release`);
    }
    if (missing.length === 0) return pass('database', `its migrations are those of this release, the last is ${newest}`);
    const amount = missing.length === 1 ? 'a migration is' : `${missing.length} migrations are`;
    return fail('database', `${amount} missing (${missing.at(-1)} is the last): run gatehouse migrate`);
  } catch (error) {
    return fail('database', `PostgreSQL does not let its owner in: ${describeFault(error)}`);
  }
}

/** What the database holds and the environment has to fit: signing keys, and Redis where it is used. */
export async function checkStored({ urls, redisUrl, signingKek }: GivenFacts): Promise<Finding[]> {
  const url = urls.console ?? urls.worker;
  if (url === undefined) return [skip('keys', 'neither console nor worker can be connected as, so no signing key was tried')];
  try {
    return await withRuntime(
      { appDatabaseUrl: url, redisUrl: redisUrl ?? undefined, signingKek: signingKek ?? undefined },
      async (runtime) => [
        ...(redisUrl === null ? [] : [await checkRedis(runtime)]),
        ...(signingKek === null ? [skip('keys', 'there is no GATEHOUSE_SIGNING_KEK to try')] : [await checkKeys(runtime)]),
      ],
    );
  } catch (error) {
    return [fail('keys', `they could not be looked at: ${describeFault(error)}`)];
  }
}

async function checkRedis({ dependencies, log }: Runtime): Promise<Finding> {
  const { isReady } = await checkReadiness(dependencies, log);
  return isReady
    ? pass('redis', 'it answers')
    : fail('redis', 'the server of REDIS_URL does not answer, or refuses the password');
}

async function checkKeys(runtime: Runtime): Promise<Finding> {
  const { opened, closed } = await checkSealedKeys(runtime);
  if (closed.length > 0) {
    return fail(
      'keys',
      `GATEHOUSE_SIGNING_KEK does not open the signing keys of ${closed.join(', ')}: it is another one than they were sealed with`,
    );
  }
  if (opened.length === 0) return note('keys', 'there is no workspace yet on whose keys GATEHOUSE_SIGNING_KEK could be tried');
  return pass(
    'keys',
    `GATEHOUSE_SIGNING_KEK opens the signing keys of ${opened.length === 1 ? 'the workspace' : `all ${opened.length} workspaces`}`,
  );
}
