import type { Metadata } from 'next';

import { RequestList } from '../../../../features/access-request/request-list.tsx';

export const metadata: Metadata = { title: 'Access requests' };

export default function Page() {
  return <RequestList />;
}
