import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import type { Settings } from '../settings.ts';

/** `.gatehouse/demo.json` (mode 0600): what tools and tests need to reach the running demo. */
export const DemoFile = z.object({
  consoleUrl: z.string(),
  hubUrl: z.string(),
  agentUrl: z.string(),
  tenant: z.string(),
  users: z.array(z.object({ role: z.string(), email: z.string(), password: z.string() })),
  profiles: z.array(z.object({ slug: z.string(), mcpUrl: z.string(), apiKey: z.string() })),
  agents: z.array(z.object({ id: z.string(), name: z.string(), dataDir: z.string() })),
  databaseUrl: z.string(),
  redisUrl: z.string().nullable(),
});
export type DemoFile = z.infer<typeof DemoFile>;

const getDemoFilePath = (settings: Settings) => join(settings.dataDir, 'demo.json');

/** Null when there is none yet. */
export function readDemoFile(settings: Settings): DemoFile | null {
  return existsSync(getDemoFilePath(settings))
    ? DemoFile.parse(JSON.parse(readFileSync(getDemoFilePath(settings), 'utf8')))
    : null;
}

export function writeDemoFile(settings: Settings, demo: DemoFile): void {
  const temporary = `${getDemoFilePath(settings)}.tmp`;
  writeFileSync(temporary, `${JSON.stringify(demo, null, 2)}\n`, { mode: 0o600 });
  renameSync(temporary, getDemoFilePath(settings));
}
