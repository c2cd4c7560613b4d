import type { Metadata } from 'next';

import { ResetPassword } from '../../features/auth/reset-password.tsx';
import { AccountProvider } from '../../trpc/account-client.tsx';
import { NarrowPage } from '../../ui/layout/narrow-page.tsx';

export const metadata: Metadata = { title: 'New password' };

export default function ResetPasswordPage() {
  return (
    <NarrowPage>
      <AccountProvider>
        <ResetPassword />
      </AccountProvider>
    </NarrowPage>
  );
}
