'use client';

import { Button } from '../../../ui/button.tsx';
import { useUnloadWarning } from '../../../ui/form/leave-guard.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { Dialog } from '../../../ui/overlay/dialog.tsx';
import { CodeBox } from '../../../ui/text/copy.tsx';

export interface RecoveryCodesProps {
  title: string;
  codes: readonly string[];
  onClose: () => void;
}

/** Shows the recovery codes this once: they stay until somebody says that they are kept. */
export function RecoveryCodes({ title, codes, onClose }: RecoveryCodesProps) {
  useUnloadWarning(true);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      isHeld
      title={title}
      size="small"
      footer={
        <Button variant="primary" onClick={onClose}>
          I have kept them
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-muted">Each stands in for a code of the app, once: for when the phone is lost.</p>
        <CodeBox label="Recovery codes" code={codes.join('\n')} />
        <Banner tone="warn">They are shown this once. Keep them where the phone is not, a password manager or on paper.</Banner>
      </div>
    </Dialog>
  );
}
