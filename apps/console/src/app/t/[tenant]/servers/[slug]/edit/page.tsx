import type { Metadata } from 'next';

import { EditServer } from '../../../../../../features/server/edit/edit-server.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export const metadata: Metadata = { title: 'Edit a server' };

export default async function Page({ params }: Props) {
  return <EditServer slug={(await params).slug} />;
}
