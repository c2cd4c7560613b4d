import type { Metadata } from 'next';

import { AskForAccess } from '../../../../features/access-request/ask-for-access.tsx';
import { OwnedList } from '../../../../features/access-request/owned-list.tsx';
import { WaitingForYou } from '../../../../features/access-request/waiting-for-you.tsx';
import { ConnectHome } from '../../../../features/connect/connect-home.tsx';

export const metadata: Metadata = { title: 'Your profiles' };

export default function Page() {
  return (
    <ConnectHome>
      <WaitingForYou />
      <AskForAccess />
      <OwnedList />
    </ConnectHome>
  );
}
