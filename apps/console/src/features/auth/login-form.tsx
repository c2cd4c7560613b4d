'use client';

import { WarningCircleIcon } from '@phosphor-icons/react/ssr';
import { signIn } from 'next-auth/react';
import { type FormEvent, useRef, useState } from 'react';

import { Button } from '../../ui/button.tsx';
import { Input } from '../../ui/input.tsx';
import { signInSentence } from './sign-in-error.ts';

export interface LoginFormProps {
  /** where to go afterwards: a path of this console */
  next: string;
  /** code with which the sign-in route sent the person back */
  initialError: string | undefined;
}

const text = (form: FormData, name: string): string => {
  const value = form.get(name);
  return typeof value === 'string' ? value : '';
};

export function LoginForm({ next, initialError }: LoginFormProps) {
  const [error, setError] = useState(initialError);
  const [working, setWorking] = useState(false);
  const password = useRef<HTMLInputElement>(null);

  async function submit(event: FormEvent<HTMLFormElement>): Promise<void> {
    event.preventDefault();
    if (working) return;
    const form = new FormData(event.currentTarget);
    setWorking(true);
    const answer = await signIn('credentials', {
      email: text(form, 'email').trim(),
      password: text(form, 'password'),
      redirect: false,
    }).catch(() => undefined);
    if (answer?.ok && !answer.error) return window.location.assign(next);
    setError(answer?.error ?? 'Unavailable');
    setWorking(false);
    password.current?.select();
  }

  const sentence = signInSentence(error);
  return (
    // A submit before the script runs must not put the password into the address bar.
    <form method="post" onSubmit={(event) => void submit(event)} className="flex flex-col gap-4">
      <Input label="Work e-mail" name="email" type="email" size="large" autoComplete="username" required />
      <Input
        ref={password}
        label="Password"
        name="password"
        type="password"
        size="large"
        autoComplete="current-password"
        required
      />
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
    </form>
  );
}
