import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import { redirect } from 'next/navigation';

import { RequestReset } from '../../../features/auth/request-reset.tsx';
import { LAST_WORKSPACE } from '../../../features/auth/sign-in.ts';
import { isMailSent, isWorkspaceAsked } from '../../../server/auth/page.ts';
import { AccountProvider } from '../../../trpc/account-client.tsx';
import { NarrowPage } from '../../../ui/layout/narrow-page.tsx';

export const metadata: Metadata = { title: 'New password' };

export default async function RequestResetPage() {
  if (!(await isMailSent())) redirect('/login');
  const workspace = (await isWorkspaceAsked()) ? ((await cookies()).get(LAST_WORKSPACE)?.value ?? '') : null;
  return (
    <NarrowPage>
      <h1 className="text-xl font-semibold">New password</h1>
      <p className="mt-1 mb-6 text-muted">You choose one by a link that comes by mail.</p>
      <AccountProvider>
        <RequestReset workspace={workspace} />
      </AccountProvider>
    </NarrowPage>
  );
}
