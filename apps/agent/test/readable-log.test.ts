import pino from 'pino';
import { expect, test } from 'vitest';

import { createReadableLog } from '../src/ops/readable-log.ts';
import { WITHHELD_NOTE } from '../src/upstream/withheld-list.ts';

function listen() {
  const lines: string[] = [];
  return {
    lines,
    log: pino(
      { base: null },
      createReadableLog((line) => lines.push(line)),
    ),
  };
}

test('a line of the log is a sentence for whoever looks on: what, about what, and why', () => {
  const { lines, log } = listen();
  log.warn({ server: 'orders', code: 'guardrail', reason: 'It is out of bounds.' }, 'a call came to no result at its server');
  log.error({ err: new Error('disk gone') }, 'receipts cannot be written');
  log.warn({ names: ['GATEHOUSE_X'] }, 'unknown variables are ignored');
  log.warn('a server sent an answer that nobody waits for');
  expect(lines).toEqual([
    '  ! a call came to no result at its server (server orders, code guardrail): It is out of bounds.',
    '  ! receipts cannot be written: disk gone',
    '  ! unknown variables are ignored (names ["GATEHOUSE_X"])',
    '  ! a server sent an answer that nobody waits for',
  ]);
});

test('what is withheld is left to the status, and only that: no reason keeps another line back', () => {
  const { lines, log } = listen();
  log.warn({ server: 'orders', reason: 'It is out of bounds.' }, `a server ${WITHHELD_NOTE}`);
  log.warn({ reason: `It ${WITHHELD_NOTE}` }, 'a call came to no result at its server');
  expect(lines).toEqual([`  ! a call came to no result at its server: It ${WITHHELD_NOTE}`]);
});

test('nothing in a line steers the terminal', () => {
  const { lines, log } = listen();
  log.warn({ reason: 'a\u001B[2Jb\nc' }, 'said');
  expect(lines).toEqual(['  ! said: a?[2Jb?c']);
});
