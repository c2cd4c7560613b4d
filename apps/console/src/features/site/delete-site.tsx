'use client';

import { useMutation } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { useEnded } from '../../trpc/use-ended.ts';
import { WhatStops } from '../../ui/entity/what-stops.tsx';
import { DangerZone } from '../../ui/overlay/danger-zone.tsx';
import { describeCount } from '../../ui/text/count.ts';
import type { SiteDetail } from './site-page.tsx';

/** The end of a site at which nothing is left; what is left is named, and stands above with its links. */
export function DeleteSite({ site }: { site: SiteDetail }) {
  const trpc = useTRPC();
  const end = useEnded();
  const remove = useMutation(trpc.site.delete.mutationOptions());

  async function confirm(): Promise<void> {
    await end({
      run: () => remove.mutateAsync({ siteId: site.id }),
      list: trpc.site.list.pathFilter(),
      said: `${site.name} was deleted`,
      goTo: '/sites',
    });
  }

  const left = describeLeft(site.inUse);
  return (
    <DangerZone
      act="Delete site"
      title={`Delete ${site.name}?`}
      words={
        left === null
          ? 'Nothing is left here, so the site can be deleted. Receipts keep its name, and no other site gets its slug.'
          : `A site can be deleted when nothing is left there. ${left}`
      }
      disabledReason={left ?? undefined}
      typedName={site.slug}
      onConfirm={confirm}
    >
      <p>No agent, server or profile is here. Receipts keep the name {site.slug}. This cannot be undone.</p>
      <WhatStops asked={trpc.site.whatStops.queryOptions({ ids: [site.id] })} none="Nothing stops working." />
    </DangerZone>
  );
}

/** What to do first; null when nothing is in the way. */
function describeLeft({ agents, servers, profiles }: SiteDetail['inUse']): string | null {
  const holders = [profiles > 0 && describeCount(profiles, 'profile'), servers > 0 && describeCount(servers, 'server')].filter(
    (holder) => holder !== false,
  );
  const steps = [
    holders.length > 0 && `take it out of ${holders.join(' and ')}`,
    agents > 0 && `revoke ${describeCount(agents, 'agent')}`,
  ].filter((step) => step !== false);
  return steps.length === 0 ? null : `First ${steps.join(', then ')}. All of them are listed above.`;
}
