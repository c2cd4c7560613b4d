import { createHash, randomBytes } from 'node:crypto';

import type { TenantTx } from '@gatehouse/db/tenant';

import { encodeBase32 } from './totp.ts';

const COUNT = 10;
/** 80 bits: a code needs no slow hash */
const BYTES = 10;

/** Gives the account new codes and forgets the old ones; they are in this answer and nowhere else. Needs the user id presented in `tx`. */
export async function replaceRecoveryCodes(tx: TenantTx, userId: string): Promise<string[]> {
  const codes = Array.from({ length: COUNT }, () => encodeBase32(randomBytes(BYTES)).toLowerCase());
  await tx.recoveryCode.deleteMany({ where: { userId } });
  await tx.recoveryCode.createMany({ data: codes.map((code) => ({ userId, codeHash: hashCode(code) })) });
  return codes.map((code) => (code.match(/.{4}/g) ?? []).join('-'));
}

/** Takes a code away. False for one that there is not, or not any more. */
export async function spendRecoveryCode(tx: TenantTx, userId: string, code: string, now: Date): Promise<boolean> {
  const where = { userId, codeHash: hashCode(code), usedAt: null };
  const { count } = await tx.recoveryCode.updateMany({ where, data: { usedAt: now } });
  return count > 0;
}

const hashCode = (code: string): string => createHash('sha256').update(code).digest('hex');
