import type { Metadata } from 'next';

import { RevocationPage } from '../../../../../features/revocation/revocation-page.tsx';

export const metadata: Metadata = { title: 'Revocations' };

export default function Page() {
  return <RevocationPage />;
}
