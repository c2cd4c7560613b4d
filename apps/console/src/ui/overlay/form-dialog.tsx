'use client';

import { useId, useState } from 'react';
import { type FieldValues, useFormState } from 'react-hook-form';

import { Button } from '../button.tsx';
import { Form, type FormProps } from '../form/form.tsx';
import { Dialog, type DialogProps } from './dialog.tsx';
import { LossQuestion } from './loss-question.tsx';

export interface FormDialogProps<In extends FieldValues, Out>
  extends Omit<DialogProps, 'footer'>, Pick<FormProps<In, Out>, 'form' | 'onSubmit'> {
  /** names the act: "Create profile" */
  submitLabel: string;
  /** the way back */
  cancelLabel?: string;
  /** `danger`: what it does cannot be undone */
  tone?: 'primary' | 'danger';
  /** the act is under way */
  pending: boolean;
  disabled?: boolean;
  /** why the act is not possible now */
  disabledReason?: string | undefined;
}

/**
 * A modal that asks for something and then does one thing. Submitting does not close it. What was entered goes with the cancelling button at
 * once; Escape, the backdrop and the cross may be hit by mistake, and ask.
 */
export function FormDialog<In extends FieldValues, Out>(props: FormDialogProps<In, Out>) {
  const {
    form,
    onSubmit,
    submitLabel,
    cancelLabel = 'Cancel',
    tone = 'primary',
    pending,
    disabled,
    disabledReason,
    children,
    ...dialog
  } = props;
  const formId = useId();
  const { isDirty } = useFormState({ control: form.control });
  const [isAsked, setAsked] = useState(false);
  return (
    <Dialog
      {...dialog}
      onOpenChange={(open) => (open || !isDirty ? dialog.onOpenChange(open) : setAsked(true))}
      footer={
        <>
          <Button onClick={() => dialog.onOpenChange(false)}>{cancelLabel}</Button>
          <Button
            type="submit"
            form={formId}
            variant={tone}
            loading={pending}
            disabled={disabled}
            disabledReason={disabledReason}
          >
            {submitLabel}
          </Button>
        </>
      }
    >
      <Form id={formId} form={form} onSubmit={onSubmit} isKept={!dialog.open} className="flex flex-col gap-4">
        {children}
      </Form>
      <LossQuestion
        open={isAsked}
        title="Throw away what you typed?"
        stayLabel="Keep editing"
        loseLabel="Throw away"
        onStay={() => setAsked(false)}
        onLose={() => {
          setAsked(false);
          dialog.onOpenChange(false);
        }}
      >
        Nothing of it is saved.
      </LossQuestion>
    </Dialog>
  );
}
