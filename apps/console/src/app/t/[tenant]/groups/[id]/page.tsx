import type { Metadata } from 'next';

import { GroupPage } from '../../../../../features/group/group-page.tsx';

export const metadata: Metadata = { title: 'Group' };

export default async function GroupDetailPage({ params }: { params: Promise<{ id: string }> }) {
  return <GroupPage groupId={(await params).id} />;
}
