import { SealCheckIcon, SealWarningIcon } from '@phosphor-icons/react/ssr';

import { KeyValue } from '../../ui/layout/card.tsx';
import { CopyText } from '../../ui/text/copy.tsx';
import { Part, type ReceiptDetail } from './receipt-part.tsx';

/** Whether the call still reads as the agent wrote it, and where it stands in the chain. */
export function ReceiptIntegrity({ detail: { integrity, document } }: { detail: ReceiptDetail }) {
  return (
    <Part title="Integrity">
      <p className="mb-2 flex items-center gap-2">
        {integrity.verified ? (
          <>
            <SealCheckIcon aria-hidden size={16} className="text-ok" /> Unchanged since the agent wrote it.
          </>
        ) : (
          <>
            <SealWarningIcon aria-hidden size={16} className="text-warn" /> Not what the agent wrote: something was redacted on
            arrival, or changed later.
          </>
        )}
      </p>
      <KeyValue
        items={[
          { label: 'Number', value: `${integrity.seq} of its stream` },
          { label: 'Hash', value: <CopyText text={integrity.hash} label="hash" /> },
          { label: 'Hash before', value: <CopyText text={integrity.prevHash} label="previous hash" /> },
          { label: 'Stream', value: <CopyText text={integrity.spoolId} label="stream id" /> },
          { label: 'Configuration', value: `c${document.configVersion}` },
          { label: 'Call id', value: <CopyText text={document.id} label="call id" /> },
          ...(document.lostBefore > 0 ? [{ label: 'Lost before it', value: `${document.lostBefore} receipts` }] : []),
        ]}
      />
    </Part>
  );
}
