import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { makeFolders } from '@gatehouse/process/folders';
import { formatInputProblem, listInputProblems } from '@gatehouse/process/input-problems';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
/** Where the test stages keep logs and reports. */
export const LOGS = join(root, '.gatehouse', 'logs');
/** Reports in JSON of the stages whose tests show the invariants. */
export const REPORTS = {
  unit: join(LOGS, 'report-unit.json'),
  int: join(LOGS, 'report-int.json'),
  browser: join(LOGS, 'report-browser.json'),
};

/** A failure that the user can mend: shown as its one line, without a stack. */
export class LocalError extends Error {}

const DEFAULT_BASE = 3000;
const DEFAULT_AGENT_PORT = 7300;

const port = 'must be a whole number from 1024 to 65000';
const Environment = z.object({
  GATEHOUSE_DATA_DIR: z.string().default('.gatehouse'),
  GATEHOUSE_HUB_PUBLIC_URL: z.url({ protocol: /^wss?$/, error: 'must be a URL that begins with ws:// or wss://' }).optional(),
  GATEHOUSE_PORT_BASE: z.coerce.number(port).int(port).min(1_024, port).max(65_000, port).default(DEFAULT_BASE),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/, error: 'must be a URL that begins with postgres://' }).optional(),
  REDIS_URL: z.url({ protocol: /^rediss?$/, error: 'must be a URL that begins with redis:// or rediss://' }).optional(),
});

export interface Settings {
  dataDir: string;
  ports: { console: number; hub: number; worker: number; agent: number; postgres: number; orders: number };
  /** the owner's URL of an existing server; undefined: the embedded one */
  databaseUrl: string | undefined;
  redisUrl: string | undefined;
  /** where agents reach the hub; another address than its own when something stands in between */
  hubPublicUrl: string;
}

/** Reads the launcher's environment; throws a LocalError that lists every problem. */
export function readSettings(source: NodeJS.ProcessEnv = process.env): Settings {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) throw new LocalError(listInputProblems(parsed.error).map(formatInputProblem).join('\n  '));
  const base = parsed.data.GATEHOUSE_PORT_BASE;
  return {
    dataDir: resolve(root, parsed.data.GATEHOUSE_DATA_DIR),
    ports: {
      console: base,
      hub: base + 1,
      worker: base + 2,
      agent: base === DEFAULT_BASE ? DEFAULT_AGENT_PORT : base + 10,
      postgres: base + 20,
      orders: base + 30,
    },
    databaseUrl: parsed.data.DATABASE_URL,
    redisUrl: parsed.data.REDIS_URL,
    hubPublicUrl: parsed.data.GATEHOUSE_HUB_PUBLIC_URL ?? `ws://127.0.0.1:${base + 1}`,
  };
}

/** Where browsers reach the console: by a name, because they make no passkeys for a number. */
export function getConsoleUrl({ ports }: Pick<Settings, 'ports'>): string {
  return `http://localhost:${ports.console}`;
}

/** Path of a local secret (mode 0600), made at first use. The value is 32 random bytes in base64. */
export function ensureSecretFile(settings: Settings, name: string): string {
  const file = join(settings.dataDir, 'secrets', name);
  if (!existsSync(file)) {
    makeFolders(dirname(file));
    writeFileSync(file, randomBytes(32).toString('base64'), { mode: 0o600 });
  }
  return file;
}

/** Value of a local secret. */
export function readSecret(settings: Settings, name: string): string {
  return readFileSync(ensureSecretFile(settings, name), 'utf8');
}
