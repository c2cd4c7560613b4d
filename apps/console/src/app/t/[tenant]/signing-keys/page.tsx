import type { Metadata } from 'next';

import { SigningKeyPage } from '../../../../features/signing-key/signing-key-page.tsx';

export const metadata: Metadata = { title: 'Signing keys' };

export default function Page() {
  return <SigningKeyPage />;
}
