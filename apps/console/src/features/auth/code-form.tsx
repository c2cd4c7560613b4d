'use client';

import { useState } from 'react';
import { z } from 'zod';

import { Button } from '../../ui/button.tsx';
import { Form, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { openSession, type SessionRequest } from './open-session.ts';
import { describeSignInError } from './sign-in.ts';

const Shown = z.object({ code: z.string().trim().min(1, 'Enter the code that the app shows.') });
type Shown = z.infer<typeof Shown>;

export interface CodeFormProps {
  /** whose password was right */
  credentials: SessionRequest;
  onSignedIn: () => void;
  /** back to e-mail and password */
  onBack: () => void;
}

/** The second step of a sign-in: the code of an authenticator app, or a recovery code. */
export function CodeForm({ credentials, onSignedIn, onBack }: CodeFormProps) {
  const [working, setWorking] = useState(false);
  const form = useSchemaForm(Shown, { code: '' });

  async function submit({ code }: Shown): Promise<void> {
    if (working) return;
    setWorking(true);
    const problem = await openSession({ ...credentials, code });
    if (problem === null) return onSignedIn();
    setWorking(false);
    form.setError('code', { message: describeSignInError(problem) ?? '' }, { shouldFocus: true });
  }

  return (
    <Form form={form} isKept method="post" onSubmit={(shown) => void submit(shown)} className="flex flex-col gap-4">
      <p className="text-muted wrap-anywhere">
        The password of {credentials.email} is right. Enter the code that your authenticator app shows.
      </p>
      <TextField
        control={form.control}
        name="code"
        label="Code"
        hint="Or one of your recovery codes."
        size="large"
        mono
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        // eslint-disable-next-line jsx-a11y/no-autofocus -- the form takes the place of the one whose button had the focus
        autoFocus
      />
      <Button type="submit" variant="primary" size="large" loading={working}>
        Sign in
      </Button>
      <Button variant="ghost" onClick={onBack}>
        Use another account
      </Button>
    </Form>
  );
}
