import { computeCode } from '../../src/auth/code/totp.ts';

export const STEP_MS = 30_000;
const ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** What an app shows at a time, or some steps after it, for the text that somebody typed into it. */
export function showCode(secret: string, at: Date, steps = 0): string {
  const bits = Array.from(secret, (sign) => ALPHABET.indexOf(sign).toString(2).padStart(5, '0')).join('');
  const bytes = Buffer.from((bits.match(/.{8}/g) ?? []).map((byte) => Number.parseInt(byte, 2)));
  return computeCode(bytes, Math.floor(at.getTime() / STEP_MS) + steps);
}
