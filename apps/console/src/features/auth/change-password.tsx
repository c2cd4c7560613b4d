'use client';

import { useMutation } from '@tanstack/react-query';
import { z } from 'zod';

import { useAccountTRPC } from '../../trpc/account-client.tsx';
import { Button } from '../../ui/button.tsx';
import { Form, FormError, useSchemaForm } from '../../ui/form/form.tsx';
import { useToast } from '../../ui/overlay/toast.tsx';
import { NewPassword } from './new-password.ts';
import { CurrentPasswordField, NewPasswordField, PasswordOwner } from './password-field.tsx';

const Change = z.object({ currentPassword: z.string().min(1, 'Enter the password you have.'), newPassword: NewPassword });
type Change = z.infer<typeof Change>;

export interface ChangePasswordProps {
  /** an address under which the person signs in, for password managers */
  email: string;
  /** where to go afterwards; null: stay */
  next: string | null;
}

/** Changes one's own password; every other session ends. */
export function ChangePassword({ email, next }: ChangePasswordProps) {
  const trpc = useAccountTRPC();
  const toast = useToast();
  const form = useSchemaForm(Change, { currentPassword: '', newPassword: '' });
  const { control } = form;
  const change = useMutation(
    trpc.changePassword.mutationOptions({
      onSuccess: () => {
        if (next !== null) return window.location.assign(next);
        form.reset();
        toast({ title: 'The password is changed. Your other sessions have ended' });
      },
    }),
  );
  return (
    <Form
      form={form}
      isKept={next !== null}
      method="post"
      onSubmit={(input) => change.mutate(input)}
      className="flex flex-col gap-4"
    >
      <PasswordOwner email={email} />
      <CurrentPasswordField control={control} name="currentPassword" label="Present password" />
      <NewPasswordField control={control} name="newPassword" label="New password" />
      <FormError<Change> error={change.error} fields={{ currentPassword: 'currentPassword', newPassword: 'newPassword' }} />
      <Button type="submit" variant="primary" size="large" loading={change.isPending}>
        Change password
      </Button>
    </Form>
  );
}
