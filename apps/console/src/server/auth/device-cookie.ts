import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';

export const DEVICE_COOKIE = 'gatehouse-device';
const SECONDS = 180 * 24 * 60 * 60;
/** accounts that one browser is known for; each takes 81 bytes of the cookie */
export const MAX_DEVICE_ACCOUNTS = 8;
const SEPARATOR = '~';

/**
 * A browser that signed in once to an account keeps proof of that, which is no credential: whoever floods the account with wrong passwords
 * from elsewhere does not keep this browser out. It holds an id of its own for each account, so attempts from it are counted too. `cookie` is
 * what the browser has: the accounts that others signed in to stay, as many as there is room for, those of the latest sign-ins.
 */
export function createDeviceCookie({ cookie, account, deviceId, secret, secure }: DeviceProof): string {
  const proof = { deviceId, signature: sign(account, deviceId, secret) };
  const others = readProofs(cookie).filter((other) => !belongsTo(other, account, secret));
  const value = [proof, ...others]
    .slice(0, MAX_DEVICE_ACCOUNTS)
    .map((each) => `${each.deviceId}.${each.signature}`)
    .join(SEPARATOR);
  return `${DEVICE_COOKIE}=${value}; Path=/api/auth; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** What an account is signed in to by. Each workspace has an account of its own for an address, and its owner may have made it. */
export interface DeviceAccount {
  email: string;
  workspace?: string | undefined;
}

interface DeviceProof {
  /** undefined: none yet */
  cookie: string | undefined;
  account: DeviceAccount;
  deviceId: string;
  /** NEXTAUTH_SECRET */
  secret: string;
  /** the console is reached over https */
  secure: boolean;
}

/** The id of a browser that signed in to this account before; null for any other. */
export function readDeviceId(cookie: string | undefined, account: DeviceAccount, secret: string): string | null {
  return readProofs(cookie).find((proof) => belongsTo(proof, account, secret))?.deviceId ?? null;
}

export const makeDeviceId = (): string => randomUUID();

interface Proof {
  deviceId: string;
  signature: string;
}

/** What has the form of a proof, each once; nobody has signed it yet. A browser that sends more than it was given is heard as far. */
function readProofs(cookie = ''): Proof[] {
  const parts = new Set(cookie.split(SEPARATOR, MAX_DEVICE_ACCOUNTS));
  return [...parts].flatMap((part) => {
    const [, deviceId, signature] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(part) ?? [];
    return deviceId !== undefined && signature !== undefined ? [{ deviceId, signature }] : [];
  });
}

function belongsTo({ deviceId, signature }: Proof, account: DeviceAccount, secret: string): boolean {
  return timingSafeEqual(Buffer.from(signature), Buffer.from(sign(account, deviceId, secret)));
}

function sign({ email, workspace = '' }: DeviceAccount, deviceId: string, secret: string): string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse device cookie', 32));
  return createHmac('sha256', key)
    .update(JSON.stringify([deviceId, email.trim().toLowerCase(), workspace]))
    .digest('base64url');
}
