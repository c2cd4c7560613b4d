import type { Metadata } from 'next';
import { redirect } from 'next/navigation';

import { Authenticator } from '../../features/auth/authenticator/authenticator.tsx';
import { ChangePassword } from '../../features/auth/change-password.tsx';
import { ChooseTimeZone } from '../../features/auth/choose-time-zone.tsx';
import { PasskeyList } from '../../features/auth/passkey/passkey-list.tsx';
import { SessionList } from '../../features/auth/session-list.tsx';
import { SignOutButton } from '../../features/auth/sign-out-button.tsx';
import { findHome } from '../../server/auth/page.ts';
import { findCurrentUser } from '../../server/auth/session.ts';
import { AccountProvider } from '../../trpc/account-client.tsx';
import { LinkButton } from '../../ui/button.tsx';
import { Banner } from '../../ui/layout/card.tsx';
import { NarrowPage } from '../../ui/layout/narrow-page.tsx';
import { TimeZoneProvider } from '../../ui/text/time-zone.tsx';

export const metadata: Metadata = { title: 'Account' };

/** The signed-in person's own password, sessions and time zone, the same in every workspace that the account belongs to. */
export default async function AccountPage() {
  const user = await findCurrentUser();
  if (!user) redirect('/login?callbackUrl=/account');
  const home = await findHome(user);
  return (
    <TimeZoneProvider zone={user.timeZone}>
      <NarrowPage>
        <h1 className="text-xl font-semibold">Account</h1>
        <p className="mt-1 mb-6 text-muted wrap-anywhere">
          Signed in as {user.name}. Changing the password ends your other sessions.
        </p>
        {user.passwordDue && (
          <Banner tone="warn" className="mb-6">
            Somebody else chose the password you have, or has asked that you change it. Choose one of your own to go on. Passkeys
            that were added before are removed with it.
          </Banner>
        )}
        <AccountProvider>
          <ChangePassword email={home?.email ?? ''} next={user.passwordDue ? '/' : null} />
          {!user.passwordDue && (
            <>
              <PasskeyList />
              <Authenticator />
            </>
          )}
          <SessionList />
          {!user.passwordDue && <ChooseTimeZone zone={user.timeZone} />}
        </AccountProvider>
        <div className="mt-8 flex items-center gap-3">
          {!user.passwordDue && (
            <LinkButton href={home?.path ?? '/'} variant="ghost" className="-ml-3">
              Back to the console
            </LinkButton>
          )}
          <SignOutButton />
        </div>
      </NarrowPage>
    </TimeZoneProvider>
  );
}
