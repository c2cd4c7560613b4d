import { join } from 'node:path';

import type { AuditMode } from '../agent/snapshot.ts';
import { nameBefore, probe, type Row, type Site } from './target.ts';

/** Every control on, an intent on disk before each call is sent on. */
const gatehouseDurable = makeGatehouseRow('Gatehouse, durable', 'durable');

/** The same, with read tools marked best-effort: their calls do not wait for the disk. */
const gatehouseBestEffort = makeGatehouseRow('Gatehouse, best-effort reads', 'best_effort');

/** Rows that have the agent in them. */
export const GATEHOUSE_ROWS: readonly Row[] = [gatehouseDurable, gatehouseBestEffort];

/** The same row at a site that has the agent of another tree. */
export function makeTwin(row: Row, before: Site): Row {
  const name = nameBefore(row.name);
  return { name, start: async () => ({ ...(await row.start(before)), name }) };
}

function makeGatehouseRow(name: string, audit: AuditMode): Row {
  return {
    name,
    async start({ pack, workDir, upstreamUrl, build }) {
      const home = await build.makeHome({ folder: join(workDir, `agent-${audit}`), upstreamUrl, audit });
      // as in infra/systemd: the plain binary, no flags, `run`
      const started = pack.start({
        name,
        command: [process.execPath, ...build.nodeFlags, build.bundle, 'run'],
        env: home.environment,
      });
      return probe({ name, ...home.getEndpoint(0), leashPid: started.pid }, ['legacy', 'modern'], started.hasEnded);
    },
  };
}
