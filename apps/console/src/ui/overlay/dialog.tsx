'use client';

import { AlertDialog } from '@cloudflare/kumo/primitives/alert-dialog';
import { Dialog as Primitive } from '@cloudflare/kumo/primitives/dialog';
import { XIcon } from '@phosphor-icons/react/ssr';
import { type ReactNode, useId, useRef } from 'react';
import { useForm, useWatch } from 'react-hook-form';

import { Button, IconButton } from '../button.tsx';
import { cn } from '../cn.ts';
import { Input } from '../form/input.tsx';

/** What is behind a modal. */
export const BACKDROP =
  'fixed inset-0 z-40 bg-black/40 transition-opacity duration-150 data-ending-style:opacity-0 data-starting-style:opacity-0';
/** A modal itself. */
export const POPUP =
  'fixed inset-x-4 top-4 z-40 mx-auto flex max-h-[calc(100dvh-2rem)] flex-col rounded-dialog border border-kumo-line bg-surface text-fg shadow-overlay outline-none transition-[opacity,scale] duration-150 data-ending-style:scale-98 data-ending-style:opacity-0 data-starting-style:scale-98 data-starting-style:opacity-0 sm:top-[12vh] sm:max-h-[76vh]';
/** How wide a modal may be. */
export const WIDTH = { small: 'max-w-md', default: 'max-w-lg', large: 'max-w-3xl' };

export interface DialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** one line below the title */
  description?: ReactNode;
  size?: 'small' | 'default' | 'large';
  children: ReactNode;
  /** buttons, the primary one last */
  footer?: ReactNode;
  /** only a button of the footer closes it: what it shows is shown this once */
  isHeld?: boolean;
}

const FIELD = 'input:not([aria-hidden], [type=hidden]), textarea, [role=combobox]';

/** A modal. Focus starts at its first field, else at the first, harmless button; Esc and the backdrop close it. Focus comes back. */
export function Dialog({
  open,
  onOpenChange,
  title,
  description,
  size = 'default',
  children,
  footer,
  isHeld = false,
}: DialogProps) {
  const body = useRef<HTMLDivElement>(null);
  const buttons = useRef<HTMLElement>(null);
  return (
    <Primitive.Root open={open} onOpenChange={(next) => !isHeld && onOpenChange(next)}>
      <Primitive.Portal>
        <Primitive.Backdrop className={BACKDROP} />
        <Primitive.Popup
          initialFocus={() => body.current?.querySelector<HTMLElement>(FIELD) ?? buttons.current?.querySelector('button') ?? true}
          className={cn(POPUP, WIDTH[size])}
        >
          <header className="flex items-start justify-between gap-4 px-5 pt-4 pb-3">
            <div className="min-w-0">
              <Primitive.Title className="text-lg font-semibold">{title}</Primitive.Title>
              {description !== undefined && <Primitive.Description className="text-muted">{description}</Primitive.Description>}
            </div>
            {/* under a finger it is higher than the title, and its cross still stands beside that */}
            {!isHeld && (
              <Primitive.Close
                render={
                  <IconButton
                    label="Close"
                    icon={<XIcon size={16} />}
                    size="small"
                    className="pointer-coarse:-my-2 pointer-coarse:-mr-2"
                  />
                }
              />
            )}
          </header>
          <div ref={body} className="min-h-0 flex-1 overflow-y-auto px-5 pb-5">
            {children}
          </div>
          {footer !== undefined && (
            <footer
              ref={buttons}
              className="flex flex-wrap justify-end gap-2 rounded-b-dialog border-t border-line bg-canvas px-5 py-3"
            >
              {footer}
            </footer>
          )}
        </Primitive.Popup>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

export interface ConfirmDialogProps {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  /** a question: "Revoke helsinki-01?" */
  title: string;
  /** what stops, for whom, and whether it can be undone */
  children: ReactNode;
  /** names the act: "Revoke agent" */
  confirmLabel: string;
  /** the name to type before the act is possible; paste is fine */
  typedName?: string;
  tone?: 'danger' | 'primary';
  /** the dialog closes when it resolves; when it rejects, the message is shown and the dialog stays */
  onConfirm: () => Promise<unknown>;
}

/** Asks before something that cannot be undone. Focus starts on Cancel. */
export function ConfirmDialog(props: ConfirmDialogProps) {
  const { open, onOpenChange, title } = props;
  const cancel = useRef<HTMLButtonElement>(null);
  return (
    <AlertDialog.Root open={open} onOpenChange={onOpenChange}>
      <AlertDialog.Portal>
        <AlertDialog.Backdrop className={BACKDROP} />
        <AlertDialog.Popup initialFocus={cancel} className={cn(POPUP, WIDTH.small)}>
          <AlertDialog.Title className="px-5 pt-4 text-lg font-semibold">{title}</AlertDialog.Title>
          <ConfirmForm {...props} cancel={cancel} />
        </AlertDialog.Popup>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}

function ConfirmForm(props: ConfirmDialogProps & { cancel: React.RefObject<HTMLButtonElement | null> }) {
  const { onOpenChange, children, confirmLabel, typedName, tone = 'danger', onConfirm, cancel } = props;
  const { control, register, handleSubmit, setError, formState } = useForm({ defaultValues: { typed: '' } });
  const { isSubmitting, errors } = formState;
  const typed = useWatch({ control, name: 'typed' });
  const problem = errors.root?.message;
  const problemId = useId();
  const ready = typedName === undefined || typed.trim() === typedName;

  async function confirm(): Promise<void> {
    if (!ready) return;
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (error) {
      setError('root', { message: error instanceof Error ? error.message : 'It did not work. Try again.' });
    }
  }

  return (
    <form
      onSubmit={(event) => void handleSubmit(confirm)(event)}
      aria-describedby={problem ? problemId : undefined}
      className="flex min-h-0 flex-col"
    >
      <div className="flex min-h-0 flex-col gap-4 overflow-y-auto px-5 pt-2 pb-5">
        <AlertDialog.Description render={<div />} className="text-muted">
          {children}
        </AlertDialog.Description>
        {typedName !== undefined && (
          <Input label={`Type ${typedName} to confirm`} mono autoComplete="off" spellCheck={false} {...register('typed')} />
        )}
        {problem !== undefined && (
          <p id={problemId} role="alert" className="text-danger-fg">
            {problem}
          </p>
        )}
      </div>
      <footer className="flex justify-end gap-2 rounded-b-dialog border-t border-line bg-canvas px-5 py-3">
        <AlertDialog.Close render={<Button ref={cancel}>Cancel</Button>} />
        <Button type="submit" variant={tone} loading={isSubmitting} disabled={!ready}>
          {confirmLabel}
        </Button>
      </footer>
    </form>
  );
}
