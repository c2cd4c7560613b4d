import { parentPort } from 'node:worker_threads';

import { redactMarked } from '@gatehouse/redaction/marked-fields';
import { createRedactor } from '@gatehouse/redaction/redact';

import type { ThreadAnswer, ThreadOrder } from './messages.ts';

// What runs in the thread. The bundle holds it as a text of its own (build.ts), so it imports nothing but the detectors.

let redactor = createRedactor({ secrets: [] });
parentPort?.on('message', (order: ThreadOrder) => {
  if ('secrets' in order) redactor = createRedactor({ secrets: order.secrets });
  else {
    const answer: ThreadAnswer = { id: order.id, logged: order.marked.map((marked) => redactMarked(marked, redactor)) };
    parentPort?.postMessage(answer);
  }
});
