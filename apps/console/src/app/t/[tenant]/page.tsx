import type { Metadata } from 'next';
import { redirect } from 'next/navigation';

import { OverviewPage } from '../../../features/overview/overview-page.tsx';
import { getMe } from '../../../server/api/get-me.ts';
import { loadOverview } from '../../../server/api/load-overview.ts';
import { requirePage } from '../../../server/auth/page.ts';

export const metadata: Metadata = { title: 'Overview' };

/** A plain member has no overview: the profiles to connect to are the first page. */
export default async function TenantPage({ params }: { params: Promise<{ tenant: string }> }) {
  const { tenant } = await params;
  const { user, ctx } = await requirePage(tenant);
  const { permissions } = await getMe(user, ctx);
  if (!permissions.includes('overview.read')) redirect(`/t/${tenant}/connect`);
  return <OverviewPage initial={await loadOverview(ctx)} />;
}
