import type { Metadata } from 'next';

import { JoinTokensPage } from '../../../../../features/agent/join-token-list.tsx';

export const metadata: Metadata = { title: 'Join tokens' };

export default function TokensPage() {
  return <JoinTokensPage />;
}
