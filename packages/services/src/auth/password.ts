import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

import { z } from 'zod';

import { BoundedQueue, type Asker, type QueueLimits } from '../work/bounded-queue.ts';

/** Cost of new hashes: N = 2^ln. 32 MiB and about a quarter of a second on one core. */
const COST = { ln: 15, r: 8, p: 3 } as const;
const KEY_BYTES = 32;
const SALT_BYTES = 16;
/** Hashes with a higher cost than this are not computed: a stored string must not be able to exhaust the process. */
const MAX_COST = { ln: 17, r: 16, p: 8 } as const;

/** Hashes at a time: two of libuv's four threads, so that files and names are still read; and those that wait, some seconds at most. */
export const HASH_LIMITS: QueueLimits = { atATime: 2, waiting: 32, perOrigin: 8 };

const hashing = new BoundedQueue(HASH_LIMITS);

/** A password as somebody types it, right or wrong. What may be set says `findPasswordProblem`. */
export const PasswordText = z.string().max(400);

const Phc = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{1,86})\$([A-Za-z0-9+/]{1,86})$/;

/**
 * scrypt in PHC string format: `$scrypt$ln=15,r=8,p=3$<salt>$<hash>`, base64 without padding. `origin`: who causes the work, and has proved
 * something before; whoever causes too much of it gets BusyError.
 */
export async function hashPassword(password: string, origin: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await hashing.run(origin, () => deriveKey(password, salt, KEY_BYTES, COST), { lane: 'known' });
  return `$scrypt$ln=${COST.ln},r=${COST.r},p=${COST.p}$${encodeUnpadded(salt)}$${encodeUnpadded(hash)}`;
}

/**
 * Takes the same work whether there is a hash or not: without one, `password` is checked against a hash that nothing matches. Throws
 * BusyError for an `origin` that causes too much of it.
 */
export async function verifyPassword(
  password: string,
  stored: string | null,
  origin: string,
  asker: Asker = {},
): Promise<boolean> {
  const parsed = parsePhc(stored ?? '');
  const { cost, salt, hash } = parsed ?? { cost: COST, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(KEY_BYTES) };
  const derived = await hashing.run(origin, () => deriveKey(password, salt, hash.length, cost), asker);
  return timingSafeEqual(derived, hash) && parsed !== null;
}

interface Cost {
  ln: number;
  r: number;
  p: number;
}

function parsePhc(text: string): { cost: Cost; salt: Buffer; hash: Buffer } | null {
  const [, ln, r, p, salt, hash] = Phc.exec(text) ?? [];
  if (salt === undefined || hash === undefined) return null;
  const cost = { ln: Number(ln), r: Number(r), p: Number(p) };
  if (cost.ln > MAX_COST.ln || cost.r > MAX_COST.r || cost.p > MAX_COST.p) return null;
  return { cost, salt: Buffer.from(salt, 'base64'), hash: Buffer.from(hash, 'base64') };
}

function deriveKey(password: string, salt: Buffer, length: number, { ln, r, p }: Cost): Promise<Buffer> {
  const N = 2 ** ln;
  const options = { N, r, p, maxmem: 128 * r * (N + p) + 1024 * 1024 };
  return new Promise((resolve, reject) => {
    scrypt(normalizePassword(password), salt, length, options, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

/** One form for what looks the same: keyboards compose characters differently. */
export const normalizePassword = (password: string): string => password.normalize('NFKC');

function encodeUnpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
