import { redirect } from 'next/navigation';

import { SignOutButton } from '../features/auth/sign-out-button.tsx';
import { findHomePath } from '../server/auth/page.ts';
import { findCurrentUser } from '../server/auth/session.ts';
import { PlainPage } from '../ui/layout/plain-page.tsx';

/** Sends a person to the first workspace. */
export default async function RootPage() {
  const user = await findCurrentUser();
  if (!user) redirect('/login');
  const home = await findHomePath(user);
  if (home) redirect(home);
  return (
    <PlainPage title="You are not a member of a workspace" action={<SignOutButton />}>
      {user.email} is signed in, but no workspace has added this address. Ask an owner of your workspace to add it under Members.
    </PlainPage>
  );
}
