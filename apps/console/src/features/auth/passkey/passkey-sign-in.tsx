'use client';

import { startAuthentication } from '@simplewebauthn/browser';
import { useMutation } from '@tanstack/react-query';
import { signIn } from 'next-auth/react';
import { useState } from 'react';

import { type AccountOutput, useAccountTRPC } from '../../../trpc/account-client.tsx';
import { Button } from '../../../ui/button.tsx';
import { ErrorLine } from '../../../ui/status/states.tsx';
import { describeSignInError } from '../sign-in.ts';
import { describePasskeyProblem } from './passkey-problem.ts';

/** Signs in by a passkey, whatever account it opens. `next`: where to go afterwards. */
export function PasskeySignIn({ next }: { next: string }) {
  const trpc = useAccountTRPC();
  const begin = useMutation(trpc.beginPasskeySignIn.mutationOptions());
  const [working, setWorking] = useState(false);
  const [problem, setProblem] = useState<string | null>(null);

  async function present(options: AccountOutput['beginPasskeySignIn']): Promise<void> {
    setWorking(true);
    try {
      const answer = await startAuthentication({ optionsJSON: options });
      const result = await signIn('passkey', { answer: JSON.stringify(answer), redirect: false });
      if (result?.ok && !result.error) return window.location.assign(next);
      setProblem(describeSignInError(result?.error ?? 'Unavailable'));
    } catch (error) {
      setProblem(describePasskeyProblem(error));
    }
    setWorking(false);
  }

  function start(): void {
    setProblem(null);
    begin.mutate(undefined, { onSuccess: (options) => void present(options) });
  }

  return (
    <div className="mt-4 flex flex-col gap-3">
      <Button size="large" loading={begin.isPending || working} onClick={start}>
        Use a passkey
      </Button>
      {begin.error && <ErrorLine error={begin.error} />}
      {problem !== null && (
        <p role="alert" className="text-danger-fg">
          {problem}
        </p>
      )}
    </div>
  );
}
