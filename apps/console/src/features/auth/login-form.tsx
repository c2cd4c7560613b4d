'use client';

import { WarningCircleIcon } from '@phosphor-icons/react/ssr';
import { useState } from 'react';
import { z } from 'zod';

import { Button } from '../../ui/button.tsx';
import { Form, TextField, useSchemaForm } from '../../ui/form/form.tsx';
import { CodeForm } from './code-form.tsx';
import { openSession, type SessionRequest } from './open-session.ts';
import { PasskeySignIn } from './passkey/passkey-sign-in.tsx';
import { CurrentPasswordField } from './password-field.tsx';
import { describeSignInError, getDestination } from './sign-in.ts';
import { Workspace, WorkspaceField } from './workspace-field.tsx';

export interface LoginFormProps {
  /** where to go afterwards: a path of this console */
  next: string;
  /** the workspace to propose, where the console has several; null where there is none to ask for */
  workspace: string | null;
  /** code with which the sign-in route sent the person back */
  initialError: string | undefined;
  /** this console can have passkeys */
  passkeys: boolean;
}

const Credentials = z.object({
  workspace: Workspace,
  email: z.string().trim().min(1, 'Enter your e-mail address.'),
  password: z.string().min(1, 'Enter your password.'),
});
type Credentials = z.infer<typeof Credentials>;

export function LoginForm({ next, workspace: proposed, initialError, passkeys }: LoginFormProps) {
  const [error, setError] = useState(initialError);
  const [working, setWorking] = useState(false);
  const [asked, setAsked] = useState<SessionRequest | null>(null);
  // No other default values: what the browser filled in before the script ran stays.
  const form = useSchemaForm(Credentials, { workspace: proposed ?? '' });
  const { control, setFocus } = form;

  function enter({ workspace }: SessionRequest): void {
    window.location.assign(getDestination(next, workspace));
  }

  async function submit({ workspace, email, password }: Credentials): Promise<void> {
    if (working) return;
    setWorking(true);
    const credentials = { email, password, workspace: workspace || undefined };
    const problem = await openSession(credentials);
    if (problem === null) return enter(credentials);
    setWorking(false);
    if (problem === 'CodeDue') return setAsked(credentials);
    setError(problem);
    setFocus('password', { shouldSelect: true });
  }

  if (asked) {
    return <CodeForm credentials={asked} onSignedIn={() => enter(asked)} onBack={() => setAsked(null)} />;
  }
  const sentence = describeSignInError(error);
  return (
    <>
      {/* A submit before the script runs must not put the password into the address bar. */}
      <Form form={form} isKept method="post" onSubmit={(credentials) => void submit(credentials)} className="flex flex-col gap-4">
        {proposed !== null && (
          <WorkspaceField control={control} name="workspace" label="Workspace" hint="As in its address: acme for /t/acme." />
        )}
        <TextField control={control} name="email" label="Work e-mail" type="email" size="large" autoComplete="username" />
        <CurrentPasswordField control={control} name="password" label="Password" />
        <div role="alert" className="empty:hidden">
          {sentence !== null && (
            <p className="flex items-start gap-2 rounded-control bg-danger-bg px-3 py-2 text-danger-fg">
              <WarningCircleIcon aria-hidden size={16} className="mt-0.5 shrink-0" />
              {sentence}
            </p>
          )}
        </div>
        <Button type="submit" variant="primary" size="large" loading={working}>
          Sign in
        </Button>
      </Form>
      {passkeys && <PasskeySignIn next={next} />}
    </>
  );
}
