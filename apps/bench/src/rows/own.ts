import { join } from 'node:path';

import { probe, type Row, type Site, type Target } from './target.ts';

const RELAY = join(import.meta.dirname, '..', 'relay', 'relay.ts');

/** Client and upstream with nothing in between. */
export const direct: Row = {
  name: 'direct',
  start: ({ upstreamUrl }) =>
    probe({ name: 'direct', url: upstreamUrl, headers: {}, leashPid: null }, ['legacy', 'modern'], () => false),
};

/** The least that a hop costs in Node. */
export const relay: Row = { name: 'node:http relay', start: (site) => startRelay(site, 'node:http relay', []) };

/** The same with one group-committed fdatasync per call before it is sent on. */
export const durableRelay: Row = {
  name: 'node:http relay + fdatasync',
  start: (site) => startRelay(site, 'node:http relay + fdatasync', ['--journal', join(site.workDir, 'relay-journal')]),
};

async function startRelay({ pack, upstreamUrl }: Site, name: string, more: readonly string[]): Promise<Target> {
  const started = pack.start({ name, command: [process.execPath, RELAY, '--upstream', upstreamUrl, ...more] });
  const url = `http://127.0.0.1:${await started.firstLine}/mcp`;
  return probe({ name, url, headers: {}, leashPid: started.pid }, ['legacy', 'modern'], started.hasEnded);
}
