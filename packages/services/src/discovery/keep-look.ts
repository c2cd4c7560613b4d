import { setImmediate } from 'node:timers/promises';

import type { TenantTx } from '@gatehouse/db/tenant';
import { type LeftOut, type LeftOutPart, mapTexts, MOST_LEFT_OUT } from '@gatehouse/protocol/left-out';

import { StoredLeftOut } from './held-back.ts';

/** One look of an agent at a server, which found this revision. */
export interface Look {
  tenantId: string;
  revisionId: string;
  siteId: string;
  agentId: string;
  lookedAt: Date;
  /** what the agent says that it left out; undefined: it is of before it did */
  told: LeftOut | undefined;
  /** what was left out here */
  refused: readonly LeftOutPart[];
  redact: (text: string) => string;
}

/** Keeps what was left out at the last look of a site. False when that was known. Lets others run between two parts: an agent chooses how long redaction takes. */
export async function keepLook(tx: TenantTx, { told, refused, redact, ...look }: Look): Promise<boolean> {
  const { tenantId, revisionId, siteId, agentId, lookedAt } = look;
  const parts = [...(told?.parts ?? []), ...refused];
  // an agent may say any number, and what is kept has to be one that can be read again
  const more = Math.min((told?.more ?? 0) + Math.max(0, parts.length - MOST_LEFT_OUT), Number.MAX_SAFE_INTEGER);
  const leftOut: LeftOut = { parts: [], more };
  for (const part of parts.slice(0, MOST_LEFT_OUT)) {
    leftOut.parts.push(mapTexts(part, (text) => redact(text)));
    await setImmediate();
  }
  const where = { tenantId_revisionId_siteId: { tenantId, revisionId, siteId } };
  const before = await tx.revisionLook.findUnique({ where, select: { leftOut: true } });
  const seen = { agentId, lookedAt, leftOut };
  await tx.revisionLook.upsert({ where, create: { tenantId, revisionId, siteId, ...seen }, update: seen });
  const known = before && StoredLeftOut.safeParse(before.leftOut).data;
  return JSON.stringify(known) !== JSON.stringify(StoredLeftOut.parse(leftOut));
}
