import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../../errors.ts';
import type { Runtime } from '../../runtime.ts';
import { findRelyingParty } from './relying-party.ts';

export const ListPasskeys = z.strictObject({ userId: z.uuid() });
export type ListPasskeys = z.input<typeof ListPasskeys>;

export interface PasskeyView {
  id: string;
  name: string;
  createdAt: Date;
  /** null: never */
  lastUsedAt: Date | null;
}

/** One's own passkeys, newest first, and whether this console can have any. */
export async function listPasskeys({
  runtime,
  input,
}: {
  runtime: Runtime;
  input: ListPasskeys;
}): Promise<{ possible: boolean; passkeys: PasskeyView[] }> {
  const { userId } = parseInput(ListPasskeys, input);
  const passkeys = await runInLookup(runtime.db, { userId }, (tx) =>
    tx.passkey.findMany({
      where: { userId },
      select: { id: true, name: true, createdAt: true, lastUsedAt: true },
      orderBy: [{ createdAt: 'desc' }, { id: 'desc' }],
    }),
  );
  return { possible: findRelyingParty(runtime) !== null, passkeys };
}
