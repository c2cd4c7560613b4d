import type { Metadata } from 'next';
import { cookies } from 'next/headers';
import Link from 'next/link';
import { redirect } from 'next/navigation';

import { LoginForm } from '../../features/auth/login-form.tsx';
import { findWorkspace, getReturnPath, LAST_WORKSPACE } from '../../features/auth/sign-in.ts';
import { canHavePasskeys, isMailSent, isWorkspaceAsked } from '../../server/auth/page.ts';
import { findCurrentUser } from '../../server/auth/session.ts';
import { AccountProvider } from '../../trpc/account-client.tsx';
import { NarrowPage } from '../../ui/layout/narrow-page.tsx';

export const metadata: Metadata = { title: 'Sign in' };

interface LoginPageProps {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}

export default async function LoginPage({ searchParams }: LoginPageProps) {
  const { callbackUrl, error } = await searchParams;
  const next = getReturnPath(callbackUrl);
  if (await findCurrentUser()) redirect(next);
  const proposed = findWorkspace(next) ?? (await cookies()).get(LAST_WORKSPACE)?.value ?? '';
  const workspace = (await isWorkspaceAsked()) ? proposed : null;
  return (
    <NarrowPage>
      <h1 className="text-xl font-semibold">Sign in</h1>
      <p className="mt-1 mb-6 text-muted">The console decides which AI clients may use which tools, and shows every call.</p>
      <AccountProvider>
        <LoginForm
          next={next}
          workspace={workspace}
          initialError={typeof error === 'string' ? error : undefined}
          passkeys={await canHavePasskeys()}
        />
      </AccountProvider>
      <p className="mt-6 text-xs text-subtle">
        {(await isMailSent()) ? (
          <>
            Password forgotten?{' '}
            <Link href="/reset/ask" className="text-accent-fg underline">
              Ask for a link by mail.
            </Link>{' '}
            No account? An owner or admin of your workspace invites you under Members.
          </>
        ) : (
          'No account, or the password forgotten? An owner or admin of your workspace makes a link for you under Members.'
        )}
      </p>
    </NarrowPage>
  );
}
