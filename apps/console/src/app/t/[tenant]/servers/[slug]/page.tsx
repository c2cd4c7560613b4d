import type { Metadata } from 'next';

import { ServerDuties } from '../../../../../features/owner/duties.tsx';
import { Provenance } from '../../../../../features/provenance/provenance.tsx';
import { ServerPage } from '../../../../../features/server/server-page.tsx';

interface Props {
  params: Promise<{ slug: string }>;
}

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: (await params).slug };
}

export default async function Page({ params }: Props) {
  const { slug } = await params;
  return <ServerPage slug={slug} duties={<ServerDuties slug={slug} />} provenance={<Provenance of={{ slug }} />} />;
}
