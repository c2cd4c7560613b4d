'use client';

import type { ReactNode } from 'react';

import type { ApiOutput } from '../../trpc/client.tsx';
import { Button } from '../../ui/button.tsx';
import { useUnloadWarning } from '../../ui/form/leave-guard.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { Dialog } from '../../ui/overlay/dialog.tsx';
import { CodeBox } from '../../ui/text/copy.tsx';
import { FullTime } from '../../ui/text/relative-time.tsx';

export type MadeLink = ApiOutput['member']['invite'];

export interface LinkDialogProps {
  title: string;
  /** the page that the link opens */
  page: 'invitation' | 'reset';
  link: MadeLink;
  children: ReactNode;
  onClose: () => void;
}

/** Shows a link this once, until somebody is done with it. Its secret stands behind `#`, so that no log on the way keeps it. */
export function LinkDialog({ title, page, link, children, onClose }: LinkDialogProps) {
  useUnloadWarning(true);
  return (
    <Dialog
      open
      onOpenChange={onClose}
      isHeld
      title={title}
      footer={
        <Button variant="primary" onClick={onClose}>
          Done
        </Button>
      }
    >
      <div className="flex flex-col gap-3">
        <p className="text-muted">{children}</p>
        <CodeBox label="Link" code={`${window.location.origin}/${page}#${link.token}`} />
        <Banner tone="warn">
          The link is shown this once. Whoever has it can use it, once, until <FullTime at={link.expiresAt} />: hand it over
          through a channel that you trust, to this person alone.
        </Banner>
      </div>
    </Dialog>
  );
}
