import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

import { z } from 'zod';

import { findFreePort } from '@gatehouse/process/testing/free-port';

import type { Wire } from '../client/caller.ts';
import { STDIO_UPSTREAM } from '../upstream/paths.ts';
import { probe, RowSkipped, type Row, type Site } from './target.ts';

/** Installed on demand, outside the lockfile of the product. */
const FOLDER = join(import.meta.dirname, '..', '..', '.peers');
const VERSIONS = { 'mcp-hub': '4.2.1', 'mcp-proxy': '6.7.19', supergateway: '4.0.0' } as const;
const INSTALL_LIMIT_MS = 180_000;

/** A process of the upstream for each client, or one for all of them: neither says anything at sixty-four. */
const FRONTS_STDIO: readonly PeerName[] = ['mcp-proxy', 'supergateway'];
const STDIO_CONNECTIONS = 8;

type PeerName = keyof typeof VERSIONS;

const Manifest = z.object({
  version: z.string(),
  bin: z.union([z.string(), z.record(z.string(), z.string())]),
});

/** Serves both protocol eras. Its upstream can only be a stdio server. */
export const mcpProxy = makePeerRow('mcp-proxy', ' (stdio upstream)', ['legacy', 'modern'], (_, port) => [
  '--host',
  '127.0.0.1',
  '--port',
  String(port),
  '--server',
  'stream',
  '--',
  process.execPath,
  STDIO_UPSTREAM,
]);

/** Serves both protocol eras. Its upstream can only be a stdio server; `--stateful` starts one process of it for each session. */
export const supergateway = makePeerRow('supergateway', ' (stdio upstream)', ['legacy', 'modern'], (_, port) => {
  const stdio = `${process.execPath} ${STDIO_UPSTREAM}`;
  return ['--stdio', stdio, '--outputTransport', 'streamableHttp', '--stateful', '--port', String(port), '--logLevel', 'none'];
});

/** Its upstream is reached over HTTP. Its clients can only use HTTP+SSE, the oldest transport of MCP. */
export const mcpHub = makePeerRow('mcp-hub', ' (HTTP+SSE clients)', ['sse'], ({ workDir, upstreamUrl }, port) => {
  const config = join(workDir, 'mcp-hub.json');
  writeFileSync(config, JSON.stringify({ mcpServers: { bench: { url: upstreamUrl } } }));
  return ['--port', String(port), '--config', config];
});

function makePeerRow(
  name: PeerName,
  note: string,
  wires: readonly Wire[],
  argumentsOf: (site: Site, port: number) => readonly string[],
): Row {
  const title = `${name} ${VERSIONS[name]}${note}`;
  return {
    name: title,
    async start(site) {
      const script = await findPeer(name);
      const port = await findFreePort();
      const command = [process.execPath, script, ...argumentsOf(site, port)];
      // what a peer keeps between runs stays in this run's folder
      const home = {
        HOME: site.workDir,
        XDG_CONFIG_HOME: site.workDir,
        XDG_DATA_HOME: site.workDir,
        XDG_STATE_HOME: site.workDir,
      };
      const started = site.pack.start({ name: title, command, env: { NODE_ENV: 'production', ...home } });
      const connections = FRONTS_STDIO.includes(name) ? STDIO_CONNECTIONS : undefined;
      const target = { name: title, connections, url: `http://127.0.0.1:${port}/mcp`, headers: {}, leashPid: started.pid };
      return probe(target, wires, started.hasEnded);
    },
  };
}

/** The script of a peer, installed first when it is not there. Throws RowSkipped. */
async function findPeer(name: PeerName): Promise<string> {
  if (readManifest(name)?.version !== VERSIONS[name]) await (installing ??= install());
  const manifest = readManifest(name);
  const script = typeof manifest?.bin === 'string' ? manifest.bin : manifest?.bin[name];
  if (script === undefined) throw new RowSkipped(`${name} ${VERSIONS[name]} could not be had from the package registry.`);
  return join(FOLDER, 'node_modules', name, script);
}

let installing: Promise<void> | null = null;

/** Installs all peers at once. What is missing afterwards is said by the row that misses it. */
async function install(): Promise<void> {
  mkdirSync(FOLDER, { recursive: true });
  writeFileSync(join(FOLDER, 'package.json'), `${JSON.stringify({ private: true, dependencies: VERSIONS }, null, 2)}\n`);
  const args = ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error'];
  await promisify(execFile)('npm', args, { cwd: FOLDER, timeout: INSTALL_LIMIT_MS }).catch(() => undefined);
}

function readManifest(name: PeerName): z.infer<typeof Manifest> | null {
  const path = join(FOLDER, 'node_modules', name, 'package.json');
  return existsSync(path) ? Manifest.parse(JSON.parse(readFileSync(path, 'utf8'))) : null;
}
