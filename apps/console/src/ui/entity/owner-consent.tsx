'use client';

import { type ReactNode, useState } from 'react';
import { z } from 'zod';

import { Button } from '../button.tsx';
import { FormError, TextareaField, useSchemaForm } from '../form/form.tsx';
import { Banner } from '../layout/card.tsx';
import { ConfirmDialog } from '../overlay/dialog.tsx';
import { FormDialog } from '../overlay/form-dialog.tsx';

export interface OwnerConsentProps {
  /** what is owned: "Orders" */
  name: string;
  /** name of who is asked, or words for whoever it is: "the owner of the server" */
  owner: string;
  /** whether the one who looks gives it, and whose is missing in a sentence */
  standing: { canConsent: { ok: true } | { ok: false; reason: string }; takesReason: boolean; missing: string | null };
  /** who has done what waits for nothing else any more, and when; null: nobody yet */
  since: ReactNode;
  /** to the owner: what depends on it, and what else can be done about it */
  ownWords: string;
  /** what the owner agrees to: title and words of the question */
  agree: { title: string; words: ReactNode; onConfirm: () => Promise<unknown> };
  /** what becomes known when somebody goes on without; `onConfirm` calls `done` once it is done */
  without: { words: string; pending: boolean; error: unknown; onConfirm: (reason: string, done: () => void) => void };
  /** what else the one who looks can do */
  actions?: ReactNode;
}

/** An owner has to agree: that it waits for that, and what the one who looks can do about it. */
export function OwnerConsent(props: OwnerConsentProps) {
  const { since, ownWords, actions, agree } = props;
  const { canConsent, takesReason, missing } = props.standing;
  const [open, setOpen] = useState(false);
  const isOwn = canConsent.ok && !takesReason;
  return (
    <>
      <Banner
        tone={since === null ? 'info' : 'warn'}
        title={describeTitle(props, isOwn)}
        action={
          <>
            {canConsent.ok && (
              <Button variant={isOwn ? 'primary' : 'secondary'} onClick={() => setOpen(true)}>
                {isOwn ? 'Agree…' : 'Go on without…'}
              </Button>
            )}
            {actions}
          </>
        }
      >
        {since !== null && <>{since} </>}
        {isOwn ? ownWords : canConsent.ok ? missing : canConsent.reason}
      </Banner>
      {isOwn ? (
        <ConfirmDialog
          open={open}
          onOpenChange={setOpen}
          tone="primary"
          title={agree.title}
          confirmLabel="Agree"
          onConfirm={agree.onConfirm}
        >
          {agree.words}
        </ConfirmDialog>
      ) : (
        open && <GoOnWithout {...props} onClose={() => setOpen(false)} />
      )}
    </>
  );
}

function describeTitle({ name, owner, since }: OwnerConsentProps, isOwn: boolean): string {
  if (isOwn) return since === null ? `You own ${name}, and are asked` : 'It waits for you to agree';
  return since === null ? `It takes the consent of ${owner}` : `It waits for ${owner} to agree`;
}

const Why = z.object({ reason: z.string().trim().min(1, 'Say why.').max(1_000) });

function GoOnWithout({ owner, without, onClose }: OwnerConsentProps & { onClose: () => void }) {
  const form = useSchemaForm(Why, { reason: '' });
  return (
    <FormDialog
      open
      onOpenChange={onClose}
      title={`Go on without ${owner}?`}
      description={without.words}
      form={form}
      onSubmit={({ reason }) => without.onConfirm(reason, onClose)}
      submitLabel="Go on without"
      pending={without.pending}
    >
      <TextareaField control={form.control} name="reason" label="Why can it not wait?" maxLength={1_000} />
      <FormError<z.input<typeof Why>> error={without.error} fields={{ reason: 'reason' }} />
    </FormDialog>
  );
}
