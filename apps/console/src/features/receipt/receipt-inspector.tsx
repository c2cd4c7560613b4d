'use client';

import { useQuery } from '@tanstack/react-query';

import { useTRPC } from '../../trpc/client.tsx';
import { OutcomeChip, RiskBadge } from '../../ui/badge.tsx';
import { Inspector } from '../../ui/inspector.tsx';
import { Loaded } from '../../ui/loaded.tsx';
import { ReceiptDetail } from './receipt-detail.tsx';

interface ReceiptInspectorProps {
  /** null: closed */
  id: string | null;
  onClose: () => void;
  onMove: (by: -1 | 1) => void;
}

/** One receipt beside the list. */
export function ReceiptInspector({ id, onClose, onMove }: ReceiptInspectorProps) {
  const trpc = useTRPC();
  const query = useQuery(trpc.receipt.get.queryOptions({ id: id ?? '' }, { enabled: id !== null, retry: false }));
  const receipt = query.data;
  return (
    <Inspector
      open={id !== null}
      title={receipt ? (receipt.advertisedName ?? 'Unknown tool') : 'Receipt'}
      status={
        receipt && (
          <span className="mt-1 flex items-center gap-2">
            <OutcomeChip outcome={receipt.outcome} />
            {receipt.risk && <RiskBadge risk={receipt.risk} />}
          </span>
        )
      }
      onClose={onClose}
      onMove={onMove}
    >
      <Loaded query={query} errorTitle="This receipt could not be loaded">
        {(loaded) => <ReceiptDetail receipt={loaded} />}
      </Loaded>
    </Inspector>
  );
}
