'use client';

import { useState } from 'react';

import type { AccountOutput } from '../../trpc/account-client.tsx';
import { openSession } from './open-session.ts';

/** Signs a person in with the password that was just chosen, and opens the workspace. Where that fails, the sign-in page says why. */
export function useEntry(): { entering: boolean; enter: (joined: AccountOutput['acceptInvitation'], password: string) => void } {
  const [entering, setEntering] = useState(false);

  async function open({ email, tenantSlug }: AccountOutput['acceptInvitation'], password: string): Promise<void> {
    setEntering(true);
    const problem = await openSession({ email, password, workspace: tenantSlug });
    const path = `/t/${tenantSlug}`;
    window.location.assign(problem === null ? path : `/login?${new URLSearchParams({ callbackUrl: path, error: problem })}`);
  }

  return { entering, enter: (joined, password) => void open(joined, password) };
}
