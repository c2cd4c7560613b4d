import { join } from 'node:path';

import { NODE_FLAGS } from '@gatehouse/agent/build.ts';

import { makeAgentHome } from '../agent/home.ts';
import { makeSite, type AuditMode } from '../agent/snapshot.ts';
import { probe, type Row } from './target.ts';

/** Every control on, an intent on disk before each call is sent on. */
export const gatehouseDurable = gatehouse('Gatehouse, durable', 'durable');

/** The same, with read tools marked best-effort: their calls do not wait for the disk. */
export const gatehouseBestEffort = gatehouse('Gatehouse, best-effort reads', 'best_effort');

function gatehouse(name: string, audit: AuditMode): Row {
  return {
    name,
    async start({ pack, workDir, upstreamUrl, bundle }) {
      const site = makeSite(upstreamUrl, audit);
      const home = await makeAgentHome(join(workDir, `agent-${audit}`), site, upstreamUrl);
      // as in infra/systemd: the plain binary, no flags, `run`
      const started = pack.start({ name, command: [process.execPath, ...NODE_FLAGS, bundle, 'run'], env: home.environment });
      const headers = { authorization: `Bearer ${site.secrets[0] ?? ''}` };
      const target = { name, url: home.url + site.pathOf(0), headers, leashPid: started.pid };
      return probe(target, ['legacy', 'modern'], started.hasEnded);
    },
  };
}
