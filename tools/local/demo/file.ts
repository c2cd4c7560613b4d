import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { LocalError, type Settings } from '../settings.ts';

/** `.gatehouse/demo.json` (mode 0600): what tools and tests need to reach the running demo. */
export const DemoFile = z.object({
  consoleUrl: z.string(),
  hubUrl: z.string(),
  agentUrl: z.string(),
  tenant: z.string(),
  users: z.array(z.object({ role: z.string(), email: z.string(), password: z.string() })),
  profiles: z.array(z.object({ slug: z.string(), mcpUrl: z.string(), apiKey: z.string() })),
  agents: z.tuple([z.object({ id: z.string(), name: z.string(), dataDir: z.string() })]),
  databaseUrl: z.string(),
  redisUrl: z.string().nullable(),
});
export type DemoFile = z.infer<typeof DemoFile>;

const getDemoFilePath = (settings: Settings) => join(settings.dataDir, 'demo.json');

/** Null when there is none yet. Throws a LocalError when it is not what was written. */
export function readDemoFile(settings: Settings): DemoFile | null {
  if (!existsSync(getDemoFilePath(settings))) return null;
  try {
    return DemoFile.parse(JSON.parse(readFileSync(getDemoFilePath(settings), 'utf8')));
  } catch (cause) {
    const message = `${getDemoFilePath(settings)} cannot be used. Delete the folder ${settings.dataDir} and run npm start again.`;
    throw new LocalError(message, { cause });
  }
}

export function writeDemoFile(settings: Settings, demo: DemoFile): void {
  const temporary = `${getDemoFilePath(settings)}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, getDemoFilePath(settings));
}

/** The one of the demo's people who has a role. */
export function findUser(demo: Pick<DemoFile, 'users'>, role: string): DemoFile['users'][number] {
  const found = demo.users.find((user) => user.role === role);
  if (!found) throw new LocalError(`demo.json names no ${role}.`);
  return found;
}
