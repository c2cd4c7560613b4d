import { z } from 'zod';

import { MANY, SignalKind, type Signal } from './signals.ts';

/** Postgres refuses a NOTIFY payload of 8,000 bytes or more. */
const MAX_BYTES = 7_900;

/** All signals of one mutation, as sent. */
const SignalMessage = z.object({
  tenantId: z.uuid(),
  changes: z.array(z.tuple([SignalKind, z.string().max(64)])).max(1_000),
});

/** One message for the signals of one tenant. When the ids do not fit, each kind is named once with MANY. */
export function encodeSignals(tenantId: string, signals: readonly Signal[]): string {
  const changes = removeDuplicates(signals.map(({ kind, id }): Change => [kind, id]));
  const text = JSON.stringify({ tenantId, changes });
  if (Buffer.byteLength(text) <= MAX_BYTES) return text;
  return JSON.stringify({ tenantId, changes: removeDuplicates(changes.map(([kind]): Change => [kind, MANY])) });
}

/** Null when the text is not a signal message: anybody who can reach the channel can write to it. */
export function decodeSignals(text: string): Signal[] | null {
  try {
    const parsed = SignalMessage.safeParse(JSON.parse(text));
    if (!parsed.success) return null;
    const { tenantId, changes } = parsed.data;
    return changes.map(([kind, id]) => ({ tenantId, kind, id }));
  } catch {
    return null;
  }
}

type Change = [SignalKind, string];

function removeDuplicates(changes: Change[]): Change[] {
  return [...new Map(changes.map((change) => [change.join(' '), change])).values()];
}
