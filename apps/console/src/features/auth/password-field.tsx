import type { FieldValues } from 'react-hook-form';

import { TextField, type TextFieldProps } from '../../ui/form/form.tsx';
import { MIN_CHARACTERS } from './new-password.ts';

/** Whose password a form takes, for password managers. */
export function PasswordOwner({ email }: { email: string }) {
  return <input type="hidden" autoComplete="username" value={email} readOnly />;
}

type PasswordFieldProps<In extends FieldValues, Out> = Omit<TextFieldProps<In, Out>, 'type' | 'size' | 'autoComplete'>;

/** The password that a person has. */
export function CurrentPasswordField<In extends FieldValues, Out>(props: PasswordFieldProps<In, Out>) {
  return <TextField {...props} type="password" size="large" autoComplete="current-password" />;
}

/** The password that a person chooses; `hint` goes on after how long it has to be. */
export function NewPasswordField<In extends FieldValues, Out>({ hint, ...props }: PasswordFieldProps<In, Out>) {
  const length = `${MIN_CHARACTERS} characters or more, of any kind.`;
  const whole = hint ? (
    <>
      {length} {hint}
    </>
  ) : (
    length
  );
  return <TextField {...props} hint={whole} type="password" size="large" autoComplete="new-password" />;
}
