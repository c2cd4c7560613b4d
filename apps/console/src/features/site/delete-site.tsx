'use client';

import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useState } from 'react';

import { useTRPC } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';
import { ConfirmDialog } from '../../ui/overlay/dialog.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { describeCount } from '../../ui/text/count.ts';
import type { SiteDetail } from './site-page.tsx';

/** The end of a site at which nothing is left; what is left is named, and stands above with its links. */
export function DeleteSite({ site }: { site: SiteDetail }) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const router = useRouter();
  const path = usePath();
  const toast = useToast();
  const [open, setOpen] = useState(false);
  const remove = useMutation(trpc.site.delete.mutationOptions());

  async function confirm(): Promise<void> {
    await remove.mutateAsync({ siteId: site.id });
    await queries.invalidateQueries(trpc.site.list.pathFilter());
    toast({ title: `${site.name} was deleted` });
    router.push(path('/sites'));
  }

  const left = describeLeft(site.inUse);
  return (
    <Card title="Danger zone">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">
          {left === null
            ? 'Nothing is left here, so the site can be deleted. Receipts keep its name, and no other site gets its slug.'
            : `A site can be deleted when nothing is left there. ${left}`}
        </p>
        <Button variant="danger-quiet" disabledReason={left ?? undefined} onClick={() => setOpen(true)}>
          Delete site…
        </Button>
      </div>
      <ConfirmDialog
        open={open}
        onOpenChange={setOpen}
        title={`Delete ${site.name}?`}
        confirmLabel="Delete site"
        typedName={site.slug}
        onConfirm={confirm}
      >
        <p>
          Nothing stops working: no agent, server or profile is here. Join tokens for this site that nobody has used end. Receipts
          keep the name {site.slug}. This cannot be undone.
        </p>
      </ConfirmDialog>
    </Card>
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
