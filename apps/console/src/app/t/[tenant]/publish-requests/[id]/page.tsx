import type { Metadata } from 'next';

import { RequestPage } from '../../../../../features/profile/request/request-page.tsx';

export const metadata: Metadata = { title: 'Request to publish' };

interface Props {
  params: Promise<{ id: string }>;
}

export default async function Page({ params }: Props) {
  return <RequestPage requestId={(await params).id} />;
}
