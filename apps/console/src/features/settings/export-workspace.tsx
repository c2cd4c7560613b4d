'use client';

import { DownloadSimpleIcon } from '@phosphor-icons/react/ssr';

import { usePath } from '../../trpc/use-path.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/layout/card.tsx';

/** Takes all that is kept of the workspace out, as one file. */
export function ExportWorkspace() {
  const path = usePath();
  return (
    <Card title="Data of this workspace">
      <div className="flex flex-wrap items-center justify-between gap-4">
        <p className="max-w-[68ch] text-muted">
          Everything that is kept of it as one file of JSON lines: people, sites, agents, servers with their definitions and
          reviews, profiles with every version, the admin log, revocations and receipts. It holds no secrets, and no hashes of
          any. The log says who took it.
        </p>
        <form method="post" action={path('/settings/export')}>
          <Button type="submit" icon={DownloadSimpleIcon}>
            Export everything
          </Button>
        </form>
      </div>
    </Card>
  );
}
