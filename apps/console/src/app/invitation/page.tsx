import type { Metadata } from 'next';

import { AcceptInvitation } from '../../features/auth/accept-invitation.tsx';
import { AccountProvider } from '../../trpc/account-client.tsx';
import { NarrowPage } from '../../ui/layout/narrow-page.tsx';

export const metadata: Metadata = { title: 'Invitation' };

export default function AcceptInvitationPage() {
  return (
    <NarrowPage>
      <AccountProvider>
        <AcceptInvitation />
      </AccountProvider>
    </NarrowPage>
  );
}
