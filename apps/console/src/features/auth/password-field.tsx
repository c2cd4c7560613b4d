import type { FieldValues } from 'react-hook-form';

import { TextField, type TextFieldProps } from '../../ui/form/form.tsx';

/** Whose password a form takes, for password managers. */
export function PasswordOwner({ email }: { email: string }) {
  return <input type="hidden" autoComplete="username" value={email} readOnly />;
}

type PasswordFieldProps<In extends FieldValues, Out> = Omit<TextFieldProps<In, Out>, 'type' | 'size' | 'autoComplete'>;

/** The password that a person has. */
export function CurrentPasswordField<In extends FieldValues, Out>(props: PasswordFieldProps<In, Out>) {
  return <TextField {...props} type="password" size="large" autoComplete="current-password" />;
}

/** The password that a person chooses. */
export function NewPasswordField<In extends FieldValues, Out>(props: PasswordFieldProps<In, Out>) {
  return <TextField {...props} type="password" size="large" autoComplete="new-password" />;
}
