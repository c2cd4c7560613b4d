import { listReceiptMonths } from '@gatehouse/db/receipt-partitions';
import { countAgents } from '@gatehouse/services/operator/count-agents';

import type { GivenFacts } from '../env.ts';
import { describeFault } from '../fault.ts';
import { withRuntime } from '../with-runtime.ts';
import { fail, type Finding, note, pass, skip } from './finding.ts';

/** Two heartbeats. */
const SILENT_MS = 60_000;
const QUEUE_MS = { warning: 60_000, problem: 15 * 60_000 };
const NAMES_SHOWN = 5;

/** How far what runs has come: jobs, partitions of receipts, agents. */
export async function checkStanding(facts: GivenFacts): Promise<Finding[]> {
  const { worker, console: page } = facts.urls;
  const found = await Promise.all([
    guard('queue', worker, (url) => checkQueue(facts, url)),
    guard('receipts', worker, checkPartitions),
    guard('agents', page, checkAgents),
  ]);
  return found.flat();
}

async function guard(of: string, url: string | undefined, check: (url: string) => Promise<Finding[]>): Promise<Finding[]> {
  if (url === undefined) return [skip(of, 'the URL of the database is not given, so it was not looked at')];
  try {
    return await check(url);
  } catch (error) {
    return [fail(of, `it could not be looked at: ${describeFault(error)}`)];
  }
}

async function checkQueue({ redisUrl }: GivenFacts, url: string): Promise<Finding[]> {
  return withRuntime({ appDatabaseUrl: url, redisUrl: redisUrl ?? undefined }, async ({ queues, now }) => {
    const { waiting, failed, oldestAt } = await queues.measure();
    const age = oldestAt === null ? 0 : +now() - +oldestAt;
    const text = `${waiting} jobs wait, the oldest for ${Math.round(age / 1_000)} s`;
    return [
      age > QUEUE_MS.problem
        ? fail('queue', `${text}: does a worker run?`)
        : age > QUEUE_MS.warning
          ? note('queue', text)
          : pass('queue', text),
      ...(failed > 0 ? [note('queue', `${failed} jobs have failed in the last 14 days: the worker’s log says why`)] : []),
    ];
  });
}

async function checkPartitions(url: string): Promise<Finding[]> {
  const { missing } = await listReceiptMonths(url);
  return [
    missing.length === 0
      ? pass('receipts', 'the partitions of this month and the next are there')
      : fail('receipts', `partitions are missing (${missing.join(', ')}): the worker makes them; does one run?`),
  ];
}

async function checkAgents(url: string): Promise<Finding[]> {
  const counts = await withRuntime({ appDatabaseUrl: url }, (runtime) => countAgents(runtime, { silentMs: SILENT_MS }));
  if (counts.length === 0) return [note('agents', 'there is no workspace yet: gatehouse tenant create makes one')];
  return counts.flatMap(({ workspace, agents, behind, silent }) => [
    ...(silent.length > 0 ? [note('agents', `${workspace}: ${list(silent)} said nothing for a minute or longer`)] : []),
    ...(behind.length > 0
      ? [note('agents', `${workspace}: ${list(behind)} serve an earlier version than their site should`)]
      : []),
    ...(behind.length + silent.length === 0 ? [pass('agents', `${workspace}: ${agents} in use, none of them behind`)] : []),
  ]);
}

function list(names: readonly string[]): string {
  const more = names.length - NAMES_SHOWN;
  return `${names.slice(0, NAMES_SHOWN).join(', ')}${more > 0 ? ` and ${more} more` : ''}`;
}
