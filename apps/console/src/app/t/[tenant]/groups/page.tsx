import type { Metadata } from 'next';

import { GroupList } from '../../../../features/group/group-list.tsx';

export const metadata: Metadata = { title: 'Groups' };

export default function Page() {
  return <GroupList />;
}
