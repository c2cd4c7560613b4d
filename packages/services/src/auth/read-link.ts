import { z } from 'zod';

import { AccountTokenKind, type Role } from '@gatehouse/db/client';

import { parseInput } from '../errors.ts';
import type { Runtime } from '../runtime.ts';
import { findOpenLink, PresentedLink } from './account-link.ts';

export const ReadLink = PresentedLink.extend({ kind: z.enum(AccountTokenKind) });
export type ReadLink = z.input<typeof ReadLink>;

export interface LinkView {
  workspace: string;
  email: string;
  role: Role;
  expiresAt: Date;
  /** it came by mail: a new password is for the account, and not for one workspace alone */
  byMail: boolean;
}

/** What a link is for, before it is used. Says nothing of accounts that there are. Throws `expired` or `rate_limited`. */
export async function readLink({ runtime, input }: { runtime: Runtime; input: ReadLink }): Promise<LinkView> {
  const { kind, ...presented } = parseInput(ReadLink, input);
  const { tenant, email, role, expiresAt, byMail } = await findOpenLink(runtime, presented, kind);
  return { workspace: tenant.name, email, role, expiresAt, byMail };
}
