import { z } from 'zod';

import { PROCESS_NAMES, PROCESS_ROLES, type PerProcess, type ProcessName } from '@gatehouse/db/process-roles';
import { createDatabaseUrlSchema, createUrlSchema, readEnvironment, RedisUrl, SigningKek } from '@gatehouse/process/environment';
import { runSecretCommand } from '@gatehouse/process/secret-command';

type Source = Readonly<Record<string, string | undefined>>;

/** The environment of this process: no other file reads it. */
export function getEnvironment(): Source {
  return process.env;
}

/** The variable by which each process is given its own URL of the database. */
export const DATABASE_VARIABLES = {
  console: 'GATEHOUSE_CONSOLE_DATABASE_URL',
  hub: 'GATEHOUSE_HUB_DATABASE_URL',
  worker: 'GATEHOUSE_WORKER_DATABASE_URL',
} as const satisfies PerProcess<string>;

const OwnerUrl = createUrlSchema('postgres', 'postgresql');
const ProcessUrls = Object.fromEntries(
  PROCESS_NAMES.map((name) => [DATABASE_VARIABLES[name], createDatabaseUrlSchema(PROCESS_ROLES[name]).optional()]),
);

/** The owner of the database, and which passwords the processes' roles are to have. */
const MigrateEnv = z.object({ DATABASE_URL: OwnerUrl, ...ProcessUrls });

/** Reads what a migration needs. Throws EnvironmentError. */
export function readMigrateEnv(source: Source): { ownerUrl: string; passwords: Partial<PerProcess<string>> } {
  const env: Record<string, string | undefined> = readEnvironment(
    MigrateEnv,
    ['DATABASE_URL', ...Object.values(DATABASE_VARIABLES)],
    source,
  );
  const passwords: Partial<PerProcess<string>> = {};
  for (const name of PROCESS_NAMES) {
    const url = env[DATABASE_VARIABLES[name]];
    if (url !== undefined) passwords[name] = decodeURIComponent(new URL(url).password);
  }
  return { ownerUrl: OwnerUrl.parse(env.DATABASE_URL), passwords };
}

const BACKUP_SECRETS = ['DATABASE_URL', 'GATEHOUSE_BACKUP_KEY'];
const BackupEnv = z.object({ DATABASE_URL: OwnerUrl, GATEHOUSE_BACKUP_KEY: SigningKek.optional() });

/** Reads what a backup needs: a role that reads every row, and the key that the file is sealed with, or null. Throws EnvironmentError. */
export function readBackupEnv(source: Source): { url: string; key: Buffer | null } {
  const { DATABASE_URL: url, GATEHOUSE_BACKUP_KEY: key = null } = readEnvironment(BackupEnv, BACKUP_SECRETS, source);
  return { url, key };
}

/** Reads the key that backups are sealed with; null: there is none. Throws EnvironmentError. */
export function readBackupKey(source: Source): Buffer | null {
  return readEnvironment(BackupEnv.pick({ GATEHOUSE_BACKUP_KEY: true }), BACKUP_SECRETS, source).GATEHOUSE_BACKUP_KEY ?? null;
}

const WorkspaceEnv = z.object({
  DATABASE_URL: OwnerUrl,
  GATEHOUSE_SIGNING_KEK: SigningKek.optional(),
  NEXTAUTH_URL: createUrlSchema('http', 'https'),
});
export type WorkspaceEnv = z.infer<typeof WorkspaceEnv>;

const COMMANDS = { GATEHOUSE_SIGNING_KEK: runSecretCommand };

/** Reads what the operator's own verbs need. Throws EnvironmentError. */
export function readWorkspaceEnv(source: Source, { signs }: { signs: boolean }): WorkspaceEnv {
  const schema = signs ? WorkspaceEnv.required({ GATEHOUSE_SIGNING_KEK: true }) : WorkspaceEnv;
  return readEnvironment(schema, ['DATABASE_URL', 'GATEHOUSE_SIGNING_KEK'], source, COMMANDS);
}

/** One variable by itself; null when it is not set or cannot be used, which is told where the whole is read. */
function readOne<Schema extends z.ZodType>(source: Source, name: string, schema: Schema): z.output<Schema> | null {
  const parsed = (() => {
    try {
      return readEnvironment(z.object({ [name]: z.unknown() }), [name], source, COMMANDS)[name];
    } catch {
      return undefined;
    }
  })();
  const result = schema.safeParse(parsed);
  return result.success && result.data !== undefined ? result.data : null;
}

/** What checks go on with, each by itself, so that one wrong variable hides nothing of the rest. */
export interface GivenFacts {
  ownerUrl: string | null;
  urls: Partial<PerProcess<string>>;
  redisUrl: string | null;
  signingKek: Buffer | null;
}

/** Reads what can be connected to. Throws nothing. */
export function readGivenFacts(source: Source, names: readonly ProcessName[]): GivenFacts {
  const urls: Partial<PerProcess<string>> = {};
  for (const name of names) {
    const url = readOne(source, DATABASE_VARIABLES[name], createDatabaseUrlSchema(PROCESS_ROLES[name]));
    if (url !== null) urls[name] = url;
  }
  const signs = names.some((name) => name !== 'hub');
  return {
    ownerUrl: readOne(source, 'DATABASE_URL', OwnerUrl),
    urls,
    redisUrl: readOne(source, 'REDIS_URL', RedisUrl) ?? null,
    signingKek: signs ? readOne(source, 'GATEHOUSE_SIGNING_KEK', SigningKek) : null,
  };
}
