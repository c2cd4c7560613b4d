import { createInterface } from 'node:readline';

import { answerTo, type Message } from './messages.ts';

// The same reference server over standard input and output, for peers that can front nothing else.

createInterface({ input: process.stdin }).on('line', (line) => {
  const reply = answerTo(JSON.parse(line) as Message);
  if (reply) process.stdout.write(`${JSON.stringify(reply)}\n`);
});
