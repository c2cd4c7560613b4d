import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';

import { expect, onTestFinished, test, vi } from 'vitest';

import { startFakeHub } from '@gatehouse/protocol/testing/fake-hub';

import { readEnv } from '../../src/env.ts';
import { startAgent } from '../../src/start-agent.ts';
import { StateDirError } from '../../src/state/state-dir.ts';
import { buildBundle, makeHome, runAgent, waitUntilReady, type AgentHome } from '../support/agent/agent-process.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import { STRANGER, strangerRuns } from '../support/stranger.ts';

// each damage is a start of its own
vi.setConfig({ testTimeout: 180_000 });

/** What nothing but a sentence about this very file can be said of. */
const NEEDED = ['identity.json', 'site.key', 'standing'];
/** Of these what is whole at the beginning counts. */
const TORN = ['revocations.log', 'spool/00000001.seg'];
/** What comes again, from the hub or of itself. */
const SPARE = ['manifest.json', 'keyset.json', 'revocations.head.json', 'spent-tokens', 'epoch', 'parts'];
const FOLDERS = ['spool', 'refused-receipts'];

const remove = (path: string) => rmSync(path, { recursive: true, force: true });
const readOr = (path: string, other: string) =>
  existsSync(path) && statSync(path).isFile() ? readFileSync(path, 'utf8') : other;
const WAYS: Record<string, (path: string) => void> = {
  'a folder': (path) => {
    remove(path);
    mkdirSync(path);
  },
  'an empty file': (path) => {
    remove(path);
    writeFileSync(path, '');
  },
  'a link to itself': (path) => {
    remove(path);
    symlinkSync(path, path);
  },
  'half of it': (path) => {
    const text = readOr(path, '{"a":');
    remove(path);
    writeFileSync(path, text.slice(0, text.length / 2));
  },
  'UTF-16': (path) => {
    const text = readOr(path, 'good');
    remove(path);
    writeFileSync(path, Buffer.from(`\uFEFF${text}`, 'utf16le'));
  },
};

/** The folder of an agent that had a configuration, as it is left when that stops and its hub goes away. */
async function makeWhole(): Promise<AgentHome> {
  const hub = await startFakeHub();
  onTestFinished(() => hub.close());
  hub.publish();
  const home = await makeHome();
  const agent = await runAgent(home, 'up', '--enroll', hub.createJoinToken());
  await waitUntilReady(home, ({ status }) => status === 'ok');
  agent.child.kill('SIGTERM');
  await agent.ended;
  await hub.close();
  writeFileSync(join(home.dataDir, 'standing'), 'good');
  return home;
}

function copyBroken(home: AgentHome, name: string, change: (path: string) => void): AgentHome {
  const dataDir = join(makeTempDir(), 'state');
  cpSync(home.dataDir, dataDir, { recursive: true });
  change(join(dataDir, name));
  return { ...home, dataDir, environment: { ...home.environment, GATEHOUSE_DATA_DIR: dataDir } };
}

/** What keeps the agent of a folder from starting; null when it starts. */
async function findObstacle({ environment }: AgentHome): Promise<unknown> {
  try {
    const agent = await startAgent(readEnv({ ...environment, GATEHOUSE_LOG_LEVEL: 'silent' }), { write: () => undefined });
    await agent.stop();
    return null;
  } catch (error) {
    return error;
  }
}

const REMEDY = /(?:Put the file back from a copy|[Mm]ove (?:it )?away|Remove it)/;

/** What is wrong with how a start ended that had to name this file; null when nothing is. */
function findFlaw(error: unknown, path: string): string | null {
  if (error === null) return 'it started';
  if (!(error instanceof StateDirError)) return `no sentence: ${inspect(error)}`;
  const { message } = error;
  return message.startsWith(path) && REMEDY.test(message) && !message.includes('\n') ? null : message;
}

/** The name and the way of each that did not end as `find` wants it. */
async function tryAll(
  names: readonly string[],
  find: (error: unknown, path: string, way: string) => string | null,
): Promise<string[]> {
  const home = await makeWhole();
  const flaws: string[] = [];
  for (const [name, [way, change]] of names.flatMap((one) => Object.entries(WAYS).map((each) => [one, each] as const))) {
    const broken = copyBroken(home, name, change);
    const flaw = find(await findObstacle(broken), join(broken.dataDir, name), way);
    if (flaw !== null) flaws.push(`${name}, ${way}: ${flaw}`);
  }
  return flaws;
}

test('whatever stands in the place of a file that an agent needs, it names that file and what to do, in one line', async () => {
  expect(await tryAll(NEEDED, findFlaw)).toEqual([]);
});

test('of a folder and of what is read from its beginning on nothing but another kind of thing keeps the agent from starting', async () => {
  const flaws = await tryAll([...FOLDERS, ...TORN], (error, path, way) => {
    const starts = FOLDERS.includes(path.slice(path.lastIndexOf('/') + 1)) ? way === 'a folder' : !/folder|link/.test(way);
    if (!starts) return findFlaw(error, path);
    return error === null ? null : inspect(error);
  });
  expect(flaws).toEqual([]);
});

test('without what comes again, from the hub or of itself, an agent starts', async () => {
  expect(await tryAll(SPARE, (error) => (error === null ? null : inspect(error)))).toEqual([]);
});

test('a folder in the place of a file that is only written is named', async () => {
  const broken = copyBroken(await makeWhole(), 'runtime.json', WAYS['a folder'] ?? remove);
  expect(findFlaw(await findObstacle(broken), join(broken.dataDir, 'runtime.json'))).toBeNull();
});

test('a pipe that nobody writes to is not waited for, wherever it stands', async () => {
  const home = await makeWhole();
  for (const name of [...NEEDED, ...TORN, 'guardrails.yaml']) {
    const broken = copyBroken(home, name, (path) => {
      remove(path);
      execFileSync('mkfifo', [path]);
    });
    const path = join(broken.dataDir, name);
    if (name === 'guardrails.yaml') broken.environment['GATEHOUSE_GUARDRAILS_FILE'] = path;
    const agent = await runAgent(broken, 'run');
    expect(await agent.ended).toBe(1);
    expect(agent.readOutput()).toMatch(/^\S+:? is a pipe or device where a file has to be\. Put the file [^\n]*\n$/);
    expect(agent.readOutput().startsWith(path)).toBe(true);
  }
});

test.runIf(strangerRuns)('a file that the user of the agent may not read is named, with what to do', async () => {
  const home = await makeWhole();
  const folder = makeTempDir();
  const bundle = join(folder, 'agent.mjs');
  copyFileSync(await buildBundle(), bundle);
  for (const path of [folder, bundle]) chmodSync(path, 0o755);
  for (const name of [...NEEDED, ...TORN]) {
    const dataDir = join(folder, name.replace('/', '-'));
    cpSync(home.dataDir, dataDir, { recursive: true });
    appendFileSync(join(dataDir, name), '');
    chmodSync(join(dataDir, name), 0o600);
    for (const path of ['', ...readdirSync(dataDir, { recursive: true, encoding: 'utf8' })]) {
      if (path !== name) chownSync(join(dataDir, path), STRANGER, STRANGER);
    }
    const { status, stderr } = spawnSync(process.execPath, [bundle, 'run'], {
      env: { ...home.environment, GATEHOUSE_DATA_DIR: dataDir, GATEHOUSE_GUARDRAILS_FILE: '/nowhere/guardrails.yaml' },
      uid: STRANGER,
      gid: STRANGER,
      cwd: '/',
      encoding: 'utf8',
    });
    const told = `${join(dataDir, name)} cannot be read by the user of the agent. Give it to that user, with the folder that it is in.\n`;
    expect([status, stderr]).toEqual([1, told]);
  }
  // a user that the system has no entry for, as in many containers
  const { PATH = '' } = home.environment;
  const homeless = spawnSync(process.execPath, [bundle, 'status'], {
    env: { PATH },
    uid: STRANGER,
    gid: STRANGER,
    cwd: '/',
    encoding: 'utf8',
  });
  expect(homeless.stderr).toBe('GATEHOUSE_DATA_DIR: is needed, because the user of the agent has no home folder\n');
});
