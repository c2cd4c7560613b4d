import type { Metadata } from 'next';

import { ServerPage } from '../../../../../features/server/server-page.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).slug };
}

export default async function Page({ params }: Props) {
  return <ServerPage slug={(await params).slug} />;
}
