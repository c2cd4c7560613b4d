import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import type { ToolDefinition } from '@gatehouse/policy/documents/definition';
import { makeServer } from '@gatehouse/policy/testing/build';

import { chooseRounds } from '../support/drill.ts';
import { makeScriptEntry, withEntries } from '../support/servers/stdio.ts';
import { makeCall, makeClient, never, startPool, readAnswerText } from './harness.ts';

const RUN: ToolDefinition = { name: 'run', inputSchema: { type: 'object' } };

/** Processes of this machine that run the script, ended ones that nobody waited for included. */
function countProcesses(script: string): number {
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name) && readCommand(name).includes(script)).length;
}

function readCommand(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
}

function countZombies(): number {
  const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim();
  return children === '' ? 0 : children.split(' ').filter((pid) => isZombie(pid)).length;
}

function isZombie(pid: string): boolean {
  try {
    return /^State:\s+Z/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
}

test(
  'T-57: 500 sessions opened and dropped against a process per session leave no process and no growing memory',
  { timeout: 300_000 },
  async () => {
    const entry = { ...makeScriptEntry('reply(process.pid)'), maxProcesses: 4 };
    const script = entry.args[0] ?? '';
    const server = makeServer({ transport: { kind: 'stdio', entry: 'script', processes: 'per_session' } });
    const { pool } = startPool([server], { guardrails: withEntries({ script: entry }) });
    const total = chooseRounds(500);
    const heap: number[] = [];
    const pids = new Set<string>();
    let most = 0;
    for (let session = 0; session < total; session += 1) {
      const affinity = `session:${session}`;
      const opening = pool.requireUpstream(server).open(makeClient(affinity), never);
      // every fifth is dropped while its process is still starting
      if (session % 5 === 4) {
        opening.catch(() => undefined);
        pool.endClient(affinity);
        continue;
      }
      const conversation = await opening;
      pids.add(readAnswerText(await conversation.callTool(makeCall(RUN))));
      most = Math.max(most, countProcesses(script));
      pool.endClient(affinity);
      if (session % Math.ceil(total / 10) === 0) {
        globalThis.gc?.();
        heap.push(process.memoryUsage().heapUsed);
      }
    }
    expect(pids.size).toBe(total - Math.floor(total / 5));
    expect(most).toBeLessThanOrEqual(4);
    await expect.poll(() => countProcesses(script)).toBe(0);
    // a process that has ended is gone before its parent has collected it
    await expect.poll(countZombies).toBe(0);
    await expect.poll(() => pool.listHealth()).toMatchObject([{ connections: 0 }]);
    // a leak of 100 kB for each session would show
    if (total >= 100) expect(heap.at(-1)! - heap[2]!).toBeLessThan(total * 100 * 1024);
  },
);
