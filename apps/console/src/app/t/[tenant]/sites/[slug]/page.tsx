import type { Metadata } from 'next';

import { SitePage } from '../../../../../features/site/site-page.tsx';

export const metadata: Metadata = { title: 'Site' };

export default async function SiteDetailPage({ params }: { params: Promise<{ slug: string }> }) {
  return <SitePage slug={(await params).slug} />;
}
