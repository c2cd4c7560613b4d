import type { DestinationStream } from 'pino';

import { isJsonObject, readJson } from '@gatehouse/policy/documents/json';

import { WITHHELD_NOTE } from '../upstream/withheld-list.ts';
import { makePrintable } from './printable.ts';

/** Takes the log's JSON lines and writes each as a sentence, for whoever runs the agent at a terminal and is shown its status there. */
export function createReadableLog(write: (line: string) => void): DestinationStream {
  return {
    write(line) {
      const sentence = formatLogLine(line.trimEnd());
      if (sentence !== null) write(makePrintable(`  ! ${sentence}`));
    },
  };
}

/**
 * The message, what it is about and the reason; null when the status tells it. Numbers of the log itself are left out; a line of another form
 * stays as it is.
 */
function formatLogLine(line: string): string | null {
  const fields = readJson(line);
  if (!isJsonObject(fields) || typeof fields['msg'] !== 'string') return line;
  if (fields['msg'].endsWith(WITHHELD_NOTE)) return null;
  const { msg, level: _level, time: _time, reason, problem, err, ...about } = fields;
  const cause = reason ?? problem ?? (isJsonObject(err) ? err['message'] : undefined);
  const facts = Object.entries(about).map(
    ([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`,
  );
  return `${msg}${facts.length > 0 ? ` (${facts.join(', ')})` : ''}${typeof cause === 'string' ? `: ${cause}` : ''}`;
}
