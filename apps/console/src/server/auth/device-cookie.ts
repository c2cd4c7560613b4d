import { createHmac, hkdfSync, randomUUID, timingSafeEqual } from 'node:crypto';

export const DEVICE_COOKIE = 'gatehouse-device';
const SECONDS = 180 * 24 * 60 * 60;

/**
 * A browser that signed in once to an account keeps proof of that, which is no credential: whoever floods the account with wrong passwords
 * from elsewhere does not keep this browser out. It holds an id of its own, so attempts from it are counted too.
 */
export function createDeviceCookie({ account, deviceId, secret, secure }: DeviceProof): string {
  const value = `${deviceId}.${sign(account, deviceId, secret)}`;
  return `${DEVICE_COOKIE}=${value}; Path=/api/auth; Max-Age=${SECONDS}; HttpOnly; SameSite=Lax${secure ? '; Secure' : ''}`;
}

/** What an account is signed in to by. Each workspace has an account of its own for an address, and its owner may have made it. */
export interface DeviceAccount {
  email: string;
  workspace?: string | undefined;
}

interface DeviceProof {
  account: DeviceAccount;
  deviceId: string;
  /** NEXTAUTH_SECRET */
  secret: string;
  /** the console is reached over https */
  secure: boolean;
}

/** The id of a browser that signed in to this account before; null for any other. */
export function readDeviceId(cookie: string | undefined, account: DeviceAccount, secret: string): string | null {
  const [, deviceId, signature] = /^([0-9a-f-]{36})\.([\w-]{43})$/.exec(cookie ?? '') ?? [];
  if (deviceId === undefined || signature === undefined) return null;
  const expected = Buffer.from(sign(account, deviceId, secret));
  return timingSafeEqual(Buffer.from(signature), expected) ? deviceId : null;
}

export const makeDeviceId = (): string => randomUUID();

function sign({ email, workspace = '' }: DeviceAccount, deviceId: string, secret: string): string {
  const key = Buffer.from(hkdfSync('sha256', secret, '', 'gatehouse device cookie', 32));
  return createHmac('sha256', key)
    .update(JSON.stringify([deviceId, email.trim().toLowerCase(), workspace]))
    .digest('base64url');
}
