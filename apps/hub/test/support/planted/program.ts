import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { PlantedAnswers, type Rpc } from './answers.ts';
import { SECRETS } from './secrets.ts';

/** A stdio server in all of whose texts one secret stands: `program.ts <number of the secret> <folder in which what was said is noted>`. */
const [, , number = '', notes = ''] = process.argv;
const which = Number(number);
const secret = SECRETS[which];
if (!secret) throw new Error(`There is no secret ${number}`);
const answers = new PlantedAnswers(secret, which + SECRETS.length, false);
const { '/stderr': toStderr = '', '/stdout': toStdout = '' } = answers.write('program');
process.stderr.write(`${toStderr}\n`);

createInterface({ input: process.stdin }).on('line', (line) => {
  const rpc = JSON.parse(line) as Rpc;
  if (rpc.id === undefined || rpc.method === undefined) return;
  const { messages, planted } = answers.answer(rpc, 'serve');
  process.stdout.write(`${toStdout}\n`);
  for (const message of messages) process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);
  appendFileSync(join(notes, number), `${JSON.stringify(['program', ...planted])}\n`);
});
