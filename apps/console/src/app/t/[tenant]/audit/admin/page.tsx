import type { Metadata } from 'next';

import { AdminAudit } from '../../../../../features/receipt/admin-audit.tsx';

export const metadata: Metadata = { title: 'Admin log' };

export default function Page() {
  return <AdminAudit />;
}
