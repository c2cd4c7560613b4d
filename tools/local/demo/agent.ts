import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

import { stringify } from 'yaml';

import { root, readSecret, type Settings } from '../settings.ts';
import type { Supervisor } from '../supervisor.ts';

const resolver = createRequire(join(root, 'apps/pilot/package.json'));
const hashFile = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

export const getAgentDataDir = (settings: Settings) => join(settings.dataDir, 'agent');

/** File that a package runs, resolved through apps/pilot's dependencies. */
export function resolvePackageFile(name: string, file: string): string {
  return realpathSync(join(resolver.resolve(`${name}/package.json`), '..', file));
}

/** The customer's guardrails: the demo's own upstreams by address, one stdio entry pinned by hash, nothing else. Not writable. */
function writeGuardrails(settings: Settings): string {
  const file = join(settings.dataDir, 'guardrails.yaml');
  const folder = join(settings.dataDir, 'research');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'readme.txt'), 'Notes of the research team.\nThe quarterly survey is in survey.txt.\n');
  writeFileSync(join(folder, 'survey.txt'), 'Question 1: 42 answers.\nQuestion 2: 17 answers.\n');
  const node = realpathSync(process.execPath);
  const script = resolvePackageFile('@modelcontextprotocol/server-filesystem', 'dist/index.js');
  if (existsSync(file)) rmSync(file);
  writeFileSync(
    file,
    stringify({
      http: { privateHosts: [`127.0.0.1:${settings.ports.orders}`, `127.0.0.1:${settings.ports.everything}`] },
      stdio: {
        'research-files': {
          command: node,
          args: [script, folder],
          cwd: folder,
          env: [],
          sha256: { [node]: hashFile(node), [script]: hashFile(script) },
        },
      },
      audit: { detail: 'marked' },
    }),
  );
  chmodSync(file, 0o444);
  return file;
}

/** Starts the demo's agent; with a token it enrols first. */
export function startAgent(supervisor: Supervisor, settings: Settings, joinToken?: string): Promise<void> {
  return supervisor.launch(settings, {
    name: 'agent',
    command: [process.execPath, join(root, 'apps/agent/dist/gatehouse-agent.mjs'), 'up'],
    env: {
      NODE_ENV: 'production',
      GATEHOUSE_DATA_DIR: getAgentDataDir(settings),
      GATEHOUSE_LISTEN: `127.0.0.1:${settings.ports.agent}`,
      GATEHOUSE_GUARDRAILS_FILE: writeGuardrails(settings),
      GATEHOUSE_ENROLL_TOKEN: joinToken,
      ORDERS_TOKEN: readSecret(settings, 'orders-token'),
      GATEHOUSE_PORT_BASE: undefined,
    },
    readyUrl: `http://127.0.0.1:${settings.ports.agent}/healthz`,
  });
}

/** Starts the servers that the demo puts behind the agent: the orders team's, and the protocol's reference server. */
export async function startUpstreams(supervisor: Supervisor, settings: Settings): Promise<void> {
  await Promise.all([
    supervisor.launch(settings, {
      name: 'orders',
      command: [process.execPath, join(root, 'apps/pilot/src/main.ts')],
      env: { ORDERS_PORT: String(settings.ports.orders), ORDERS_TOKEN: readSecret(settings, 'orders-token') },
      readyUrl: `http://127.0.0.1:${settings.ports.orders}/healthz`,
    }),
    supervisor.launch(settings, {
      name: 'everything',
      command: [
        process.execPath,
        resolvePackageFile('@modelcontextprotocol/server-everything', 'dist/index.js'),
        'streamableHttp',
      ],
      env: { PORT: String(settings.ports.everything) },
    }),
  ]);
}
