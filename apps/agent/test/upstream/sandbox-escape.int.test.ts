import { execFile } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

import { expect, test } from 'vitest';

import type { StdioEntry } from '../../src/config/guardrails/stdio-entry.ts';
import { hasBubblewrap } from '../support/bubblewrap.ts';
import { makeTempDir } from '../support/disk/temp-dir.ts';
import type { RunOrder } from '../support/servers/run-entry.ts';
import { makeNodeEntry } from '../support/servers/stdio.ts';
import { STRANGER, strangerRuns } from '../support/stranger.ts';

const run = promisify(execFile);
const SUPPORT = join(import.meta.dirname, '../support/servers');
const OWN = process.geteuid?.() ?? 0;
if (!hasBubblewrap)
  process.stdout.write('SKIPPED, because bubblewrap does not work here: what keeps stdio servers in their sandbox\n');

/** A file for one user, in folders that anybody may pass. */
function writeFor(uid: number, path: string, text: string, mode = 0o600): string {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text, { mode });
  for (const made of [path, dirname(path)]) chownSync(made, uid, uid);
  return path;
}

/** Lets the hostile program run beside a quiet one, both of an agent that runs as this user. Returns what it got. */
async function tryEverything(uid: number, change: Partial<StdioEntry>): Promise<string[]> {
  const home = makeTempDir();
  chmodSync(home, 0o755);
  const files = {
    'the key of the agent': writeFor(uid, join(home, 'state/identity.json'), 'key'),
    'a credential': writeFor(uid, join(home, 'secrets/token'), 'token'),
    'the guardrails': writeFor(uid, join(home, 'site/guardrails.yaml'), '{}'),
    'a file that nobody named': writeFor(uid, join(home, 'other/notes.txt'), 'notes'),
  };
  const script = writeFor(uid, join(home, 'server/hostile.mjs'), readFileSync(join(SUPPORT, 'hostile.mjs'), 'utf8'), 0o644);
  const quiet = writeFor(uid, join(home, 'server/quiet.mjs'), 'setInterval(() => {}, 1000)', 0o644);
  const marker = `orphan-of-${home}`;
  const order: RunOrder = {
    entries: { hostile: makeNodeEntry(script, { env: ['TARGETS'], ...change }), sibling: makeNodeEntry(quiet, change) },
    ownPaths: [join(home, 'state'), join(home, 'secrets'), join(home, 'site/guardrails.yaml')],
    targets: { files, folder: dirname(script), marker },
  };
  const agent = [join(SUPPORT, 'run-entry.ts'), JSON.stringify(order)];
  const { stdout } = await run(process.execPath, agent, { uid, gid: uid, env: { SECRET_A: 'canary' }, cwd: '/' });
  const found: Record<string, boolean> = { ...JSON.parse(stdout), 'outlives the agent': endOrphan(marker) };
  return Object.keys(found).filter((name) => found[name]);
}

/** True when there was one. */
function endOrphan(marker: string): boolean {
  const orphans = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid) && readArguments(pid).at(-2) === marker);
  for (const pid of orphans) process.kill(Number(pid), 'SIGKILL');
  return orphans.length > 0;
}

function readArguments(pid: string): string[] {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

const USERS = [OWN, ...(strangerRuns ? [STRANGER] : [])];

test.runIf(hasBubblewrap).for(USERS)(
  'T-60: a hostile program in its sandbox gets at nothing of the agent, of its siblings or of the network; user %i',
  async (uid) => {
    expect(await tryEverything(uid, { sandbox: 'required' })).toEqual([]);
  },
);

test.runIf(hasBubblewrap)('T-60: the network is there for an entry that says so, and nothing else with it', async () => {
  const got = await tryEverything(OWN, { sandbox: 'required', network: true });
  expect(got.filter((name) => name !== 'has a route out')).toEqual(['opens the listener of the agent']);
});

test.runIf(hasBubblewrap && strangerRuns)('T-60: in its sandbox it can be another user as well', async () => {
  expect(await tryEverything(OWN, { sandbox: 'required', user: 'nobody' })).toEqual([]);
});

const OF_THE_AGENT = /of the agent$|credential|guardrails|nobody named|^holds|kernel/;

test.runIf(strangerRuns)('T-60: as another user it gets at nothing of an agent that runs as root but its listener', async () => {
  const got = await tryEverything(OWN, { sandbox: 'none', user: 'nobody' });
  expect(got.filter((name) => OF_THE_AGENT.test(name))).toEqual(['opens the listener of the agent']);
});

test('without a sandbox the same program gets at all of it, so that the attacks are known to be real', async () => {
  expect(await tryEverything(USERS.at(-1) ?? OWN, { sandbox: 'none' })).toEqual(
    expect.arrayContaining([
      'reads the environment of the agent',
      'reads the environment of a sibling',
      'signals the agent',
      'signals a sibling',
      'sees other processes',
      'writes beside what it was given',
      'opens the listener of the agent',
      'gains rights by a program',
      'starts processes without bound',
      'has a temporary folder without bound',
      'reads the key of the agent',
      'reads a credential',
      'reads the guardrails',
      'reads a file that nobody named',
      'outlives the agent',
    ]),
  );
});
