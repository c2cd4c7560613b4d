import { setTimeout as delay } from 'node:timers/promises';

import pg from 'pg';
import pino from 'pino';

import { openRedis } from '@gatehouse/services/signals/redis-connection';

import { LocalError, type Settings } from './settings.ts';

const EVERY_MS = 5_000;
const ANSWER_MS = 3_000;

/** A server that the launcher was given and has not started, so that no exit tells of its end. */
interface GivenService {
  /** as messages call it, without password */
  name: string;
  /** Rejects when it does not answer. */
  check: () => Promise<unknown>;
}

/** The servers that the settings name. */
export function listGivenServices({ databaseUrl, redisUrl }: Pick<Settings, 'databaseUrl' | 'redisUrl'>): GivenService[] {
  const given: GivenService[] = [];
  if (databaseUrl !== undefined) {
    given.push({ name: `PostgreSQL at ${new URL(databaseUrl).host} (DATABASE_URL)`, check: () => askPostgres(databaseUrl) });
  }
  if (redisUrl !== undefined) {
    given.push({ name: `Redis at ${new URL(redisUrl).host} (REDIS_URL)`, check: () => askRedis(redisUrl) });
  }
  return given;
}

/** Throws a LocalError that names every given server which does not answer now. */
export async function requireGivenServices(settings: Pick<Settings, 'databaseUrl' | 'redisUrl'>): Promise<void> {
  const answers = listGivenServices(settings).map(async ({ name, check }) => ({ name, problem: await findProblem(check) }));
  const away = (await Promise.all(answers)).filter(({ problem }) => problem !== null);
  if (away.length === 0) return;
  const sentences = away.map(({ name, problem }) => `${name} does not answer (${problem}).`);
  throw new LocalError(`${sentences.join('\n  ')} Start it and run the command again.`);
}

/** Why a server does not answer; null when it does. */
async function findProblem(check: GivenService['check']): Promise<string | null> {
  try {
    await check();
    return null;
  } catch (error) {
    // A name with several addresses fails with the reasons of all.
    const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
    return first instanceof Error ? first.message : String(first);
  }
}

/**
 * Asks a server again and again, and says once when it does not answer any more and once when it does again. Console, hub and worker connect
 * again by themselves, so nothing is stopped. Settles only by `signal`.
 */
export async function watchService(
  { name, check }: GivenService,
  tell: (sentence: string) => void,
  { everyMs = EVERY_MS, signal }: { everyMs?: number; signal?: AbortSignal } = {},
): Promise<void> {
  let answered = true;
  while (!signal?.aborted) {
    const problem = await findProblem(check);
    if (problem !== null && answered) tell(`${name} does not answer (${problem}). Until it does, little works: start it again.`);
    if (problem === null && !answered) tell(`${name} answers again.`);
    answered = problem === null;
    await delay(everyMs, undefined, { ref: false, signal }).catch(() => undefined);
  }
}

async function askPostgres(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: ANSWER_MS, query_timeout: ANSWER_MS });
  // The connection may break once more while it is being closed.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
  } finally {
    await client.end();
  }
}

async function askRedis(url: string): Promise<void> {
  const redis = openRedis({ url, log: pino({ level: 'silent' }), use: 'command' });
  let lost = new Error('no answer in time');
  redis.on('error', (error) => (lost = error));
  try {
    await Promise.race([redis.ping(), delay(ANSWER_MS).then(() => Promise.reject(lost))]);
  } catch (error) {
    // The client itself only says that it gave up.
    throw error instanceof Error && error.name === 'MaxRetriesPerRequestError' ? lost : error;
  } finally {
    redis.disconnect();
  }
}
