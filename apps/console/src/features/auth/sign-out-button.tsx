'use client';

import { signOutHere } from '../../trpc/sign-out.ts';
import { Button } from '../../ui/button.tsx';

export function SignOutButton() {
  return <Button onClick={() => void signOutHere()}>Sign out</Button>;
}
