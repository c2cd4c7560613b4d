import { createHmac, timingSafeEqual } from 'node:crypto';

/** RFC 6238 as authenticator apps have it: HMAC-SHA-1, six digits, a code for each 30 seconds. */
const STEP_MS = 30_000;
const DIGITS = 6;
/** bytes of a secret: as long as the hash, RFC 4226 */
export const SECRET_BYTES = 20;
/** Steps before and after the present one that count: clocks of phones are not exact. */
const DRIFT = 1;

/** The code of a step (RFC 4226). */
export function computeCode(secret: Uint8Array, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', secret).update(counter).digest();
  const offset = mac.readUInt8(mac.length - 1) & 0x0f;
  const number = mac.readUInt32BE(offset) & 0x7fff_ffff;
  return String(number % 10 ** DIGITS).padStart(DIGITS, '0');
}

/** The step whose code this is at `now`; null when it is none that counts. Looks at all of them, whichever fits. */
export function findStep(secret: Uint8Array, code: string, now: Date): number | null {
  if (!isCode(code)) return null;
  const given = Buffer.from(code);
  const present = Math.floor(now.getTime() / STEP_MS);
  let found: number | null = null;
  for (let step = present - DRIFT; step <= present + DRIFT; step += 1) {
    if (timingSafeEqual(Buffer.from(computeCode(secret, step)), given)) found = step;
  }
  return found;
}

/** Whether it has the form of what an app shows. */
export const isCode = (text: string): boolean => text.length === DIGITS && /^[0-9]*$/.test(text);

const BASE32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

/** RFC 4648 without padding: the form in which secrets are typed. */
export function encodeBase32(bytes: Uint8Array): string {
  let text = '';
  let [bits, held] = [0, 0];
  for (const byte of bytes) {
    held = ((held << 8) | byte) & 0xffff;
    bits += 8;
    for (; bits >= 5; bits -= 5) text += BASE32.charAt((held >>> (bits - 5)) & 31);
  }
  return bits === 0 ? text : text + BASE32.charAt((held << (5 - bits)) & 31);
}

/** What an app reads from a picture: whose account it is, and the secret. */
export function buildKeyUri({ issuer, account, secret }: { issuer: string; account: string; secret: string }): string {
  const label = `${encodeURIComponent(issuer)}:${encodeURIComponent(account)}`;
  return `otpauth://totp/${label}?secret=${secret}&issuer=${encodeURIComponent(issuer)}&algorithm=SHA1&digits=${DIGITS}&period=${STEP_MS / 1_000}`;
}
