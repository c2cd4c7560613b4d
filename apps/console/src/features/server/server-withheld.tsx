import Link from 'next/link';

import type { ApiOutput } from '../../trpc/client.tsx';
import { usePath } from '../../trpc/use-path.ts';
import { WithheldList } from '../../ui/entity/withheld-list.tsx';
import { Banner } from '../../ui/layout/card.tsx';

type Health = ApiOutput['server']['health'];

/** The connected agents that serve without this server, why, and what to do; nothing where every one serves it. */
export function ServerWithheld({ reports, withheldBy }: Pick<Health, 'reports' | 'withheldBy'>) {
  const path = usePath();
  const items = reports.flatMap(({ agentId, agentName, siteName, live, withheldCode, error }) => {
    if (withheldCode === null || !live) return [];
    const name = (
      <>
        <Link href={path(`/agents/${agentId}`)} className="underline">
          {agentName}
        </Link>{' '}
        at {siteName}
      </>
    );
    return [{ id: agentId, name, code: withheldCode, message: error ?? '' }];
  });
  if (items.length === 0) return null;
  return (
    <Banner
      tone="warn"
      title={withheldBy === 1 ? 'One agent serves without this server' : `${withheldBy} agents serve without this server`}
    >
      Calls of its tools are refused there; the rest of the configuration is in force.
      <WithheldList label="Agents that serve without this server" items={items} />
      {withheldBy > items.length && `And ${withheldBy - items.length} more.`}
    </Banner>
  );
}
