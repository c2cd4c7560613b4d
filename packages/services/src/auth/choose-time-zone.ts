import { z } from 'zod';

import { runInLookup } from '@gatehouse/db/tenant';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';

/** IANA name of a zone that this process can count in: "Europe/Helsinki". */
export const TimeZone = z.string().max(64).refine(isTimeZone, 'Choose a time zone out of the list, or the one of the browser.');

export const ChooseTimeZone = z.strictObject({
  userId: z.uuid(),
  /** null: the browser's */
  timeZone: TimeZone.nullable(),
});
export type ChooseTimeZone = z.input<typeof ChooseTimeZone>;

/** Says in which zone one reads times, in every workspace. */
export async function chooseTimeZone({ runtime, input }: { runtime: Runtime; input: ChooseTimeZone }): Promise<void> {
  const { userId, timeZone } = parseInput(ChooseTimeZone, input);
  await runInLookup(runtime.db, { userId }, (tx) => tx.user.updateMany({ where: { id: userId }, data: { timeZone } }));
}

/** Offsets ("+02:00") are no zones: they know nothing of summer. */
function isTimeZone(name: string): boolean {
  if (!/^[A-Z]/i.test(name)) return false;
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
