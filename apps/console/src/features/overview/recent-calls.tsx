'use client';

import { ListMagnifyingGlassIcon, LockSimpleIcon } from '@phosphor-icons/react/ssr';

import { usePath } from '../../trpc/use-path.ts';
import { LinkButton } from '../../ui/button.tsx';
import { CALL_COLUMNS } from '../../ui/entity/call-cells.tsx';
import type { CallRow } from '../../ui/entity/call-words.ts';
import { Card } from '../../ui/layout/card.tsx';
import { Table } from '../../ui/layout/table.tsx';
import { EmptyState } from '../../ui/status/states.tsx';

/** The newest calls, each a link to its receipt. `seesAll`: of everybody; else only of the one who looks, and nothing is said of others. */
export function RecentCalls({ calls, seesAll }: { calls: readonly CallRow[]; seesAll: boolean }) {
  const path = usePath();
  return (
    <Card
      title={seesAll ? 'Recent calls' : 'Your recent calls'}
      padded={false}
      className="overflow-hidden"
      actions={
        seesAll && (
          <LinkButton size="small" variant="ghost" className="-mr-2" href={path('/audit')}>
            Open audit
          </LinkButton>
        )
      }
    >
      <Table
        label="Recent calls"
        className="rounded-none border-0"
        columns={CALL_COLUMNS}
        rows={calls}
        getRowKey={({ id }) => id}
        buildHref={({ id }) => path(`/audit?peek=${id}`)}
        empty={
          seesAll ? (
            <EmptyState icon={ListMagnifyingGlassIcon} title="No calls yet">
              Each call of an AI client leaves a receipt here: who, what was used, and how it ended.
            </EmptyState>
          ) : (
            <EmptyState icon={LockSimpleIcon} title="You have made no calls">
              Your role shows your own calls alone. Owners, admins, reviewers and auditors see those of others.
            </EmptyState>
          )
        }
      />
    </Card>
  );
}
