'use client';

import { useMe } from '../../trpc/use-me.ts';
import { useHere, usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { FullTime, RelativeTime } from '../../ui/text/relative-time.tsx';

/** Where an owner takes it back. */
const SETTINGS = '/settings/general';

/** Why nothing in this workspace can be used or changed, and who can end that. Nothing while it goes on. */
export function StoppedBanner() {
  const { me, can } = useMe();
  const path = usePath();
  const here = useHere();
  if (!me) return null;
  const { suspendedAt, deleteAfter } = me.stopped;
  if (deleteAfter !== null) {
    return (
      <Banner
        tone="danger"
        className="mb-5"
        title="This workspace is about to be deleted"
        action={
          can('tenant.delete') &&
          here !== SETTINGS && (
            <LinkButton size="small" href={path(SETTINGS)}>
              Open settings
            </LinkButton>
          )
        }
      >
        Its agents refuse every call, and nothing here can be changed. All that is kept of it is removed after{' '}
        <FullTime at={deleteAfter} /> (<RelativeTime at={deleteAfter} />
        ); until then an owner can take that back.
      </Banner>
    );
  }
  if (suspendedAt === null) return null;
  return (
    <Banner tone="danger" className="mb-5" title="This workspace is suspended">
      Since <FullTime at={suspendedAt} /> its agents refuse every call, and nothing here can be changed. Whoever runs Gatehouse
      for you can end that.
    </Banner>
  );
}
