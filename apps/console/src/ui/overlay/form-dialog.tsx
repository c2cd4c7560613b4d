'use client';

import { useId } from 'react';
import type { FieldValues } from 'react-hook-form';

import { Button } from '../button.tsx';
import { Form, type FormProps } from '../form/form.tsx';
import { Dialog, type DialogProps } from './dialog.tsx';

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

/** A modal that asks for something and then does one thing. Submitting does not close it. */
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
  return (
    <Dialog
      {...dialog}
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
      <Form id={formId} form={form} onSubmit={onSubmit} className="flex flex-col gap-4">
        {children}
      </Form>
    </Dialog>
  );
}
