import { redirect } from 'next/navigation';

import { SignOutButton } from '../features/auth/sign-out-button.tsx';
import { findHome } from '../server/auth/page.ts';
import { findCurrentUser } from '../server/auth/session.ts';
import { PlainPage } from '../ui/layout/plain-page.tsx';

/** Sends a person to the first workspace. */
export default async function RootPage() {
  const user = await findCurrentUser();
  if (!user) redirect('/login');
  const home = await findHome(user);
  if (home) redirect(home.path);
  return (
    <PlainPage title="You are not a member of a workspace" action={<SignOutButton />}>
      {user.name} is signed in and belongs to no workspace now. Ask an owner of your workspace for an invitation.
    </PlainPage>
  );
}
