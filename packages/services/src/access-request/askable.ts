import type { Profile, Prisma } from '@gatehouse/db/client';

/** Whether whoever has no access may know of the profile and ask for it. */
export function isAskable({ isAskable: allowed, publishedVersion, disabledAt }: Profile): boolean {
  return allowed && publishedVersion !== null && disabledAt === null;
}

/** The same as a condition. */
export const ASKABLE = {
  isAskable: true,
  publishedVersion: { not: null },
  disabledAt: null,
} as const satisfies Prisma.ProfileWhereInput;
