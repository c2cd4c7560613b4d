import type { Metadata } from 'next';

import { ConnectHome } from '../../../../features/connect/connect-home.tsx';

export const metadata: Metadata = { title: 'Your profiles' };

export default function Page() {
  return <ConnectHome />;
}
