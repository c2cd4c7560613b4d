/** What of a browser's storage is used. */
export type KeptPlace = Pick<Storage, 'length' | 'key' | 'getItem' | 'setItem' | 'removeItem'>;

/** Of all that is kept here for a person; what follows is the account, a dot, and what it is about. */
const PREFIX = 'gatehouse.review.';

/** The name under which something is kept for this account. */
export const buildKeptKey = (userId: string, about: string): string => `${PREFIX}${userId}.${about}`;

/** Null on the server, and where the browser forbids it. */
export function openKeptPlace(): KeptPlace | null {
  try {
    return typeof window === 'undefined' ? null : window.localStorage;
  } catch {
    return null;
  }
}

/** Whether this browser keeps anything at all. */
export function canKeep(place: KeptPlace | null): boolean {
  try {
    place?.setItem(`${PREFIX}probe`, '');
    place?.removeItem(`${PREFIX}probe`);
    return place !== null;
  } catch {
    return false;
  }
}

/** The names of what is kept for this account; of all accounts where none is said. */
export function listKeptKeys(place: KeptPlace, userId?: string): string[] {
  const start = userId === undefined ? PREFIX : buildKeptKey(userId, '');
  return Array.from({ length: place.length }, (_, index) => place.key(index)).flatMap((key) =>
    key?.startsWith(start) ? key : [],
  );
}

/** Takes out of this browser all that is kept for anybody but this account; for everybody where none is said. */
export function clearKept(place: KeptPlace, userId?: string): void {
  const own = new Set(userId === undefined ? [] : listKeptKeys(place, userId));
  for (const key of listKeptKeys(place)) if (!own.has(key)) place.removeItem(key);
}
