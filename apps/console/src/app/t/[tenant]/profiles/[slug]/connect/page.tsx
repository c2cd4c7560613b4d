import type { Metadata } from 'next';

import { ConnectPage } from '../../../../../../features/connect/connect-page.tsx';

export const metadata: Metadata = { title: 'Connect' };

interface Props {
  params: Promise<{ slug: string }>;
}

export default async function Page({ params }: Props) {
  return <ConnectPage slug={(await params).slug} />;
}
