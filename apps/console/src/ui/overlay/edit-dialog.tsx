'use client';

import type { FieldValues } from 'react-hook-form';

import { findSaveReason, SaveProblem, type SaveProblemProps } from '../form/save-problem.tsx';
import { FormDialog, type FormDialogProps } from './form-dialog.tsx';

/** What of react-query's mutation a form looks at. */
interface Saving {
  error: unknown;
  isPending: boolean;
  /** forgets the error */
  reset: () => void;
}

export interface EditDialogProps<In extends FieldValues, Out>
  extends
    Pick<SaveProblemProps<In, Out>, 'edit' | 'groups' | 'readValues' | 'fields'>,
    Pick<FormDialogProps<In, Out>, 'title' | 'description' | 'submitLabel' | 'children'> {
  saving: Saving;
  /** saves what differs from `edit.seen` */
  onSave: (values: Out) => void;
  onClose: () => void;
}

/** A modal in which something that is stored is changed: saves what differs, and shows both versions where somebody else was first. */
export function EditDialog<In extends FieldValues, Out>(props: EditDialogProps<In, Out>) {
  const { edit, groups, readValues, fields, saving, onSave, onClose, children, ...dialog } = props;
  const { form } = edit;
  return (
    <FormDialog
      {...dialog}
      open
      onOpenChange={onClose}
      form={form}
      onSubmit={onSave}
      pending={saving.isPending}
      disabled={!form.formState.isDirty}
      disabledReason={findSaveReason(saving.error)}
    >
      {children}
      <SaveProblem
        error={saving.error}
        fields={fields}
        edit={edit}
        groups={groups}
        readValues={readValues}
        onMerged={saving.reset}
      />
    </FormDialog>
  );
}
