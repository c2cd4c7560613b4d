'use client';

import { Button } from '../ui/button.tsx';
import { PlainPage } from '../ui/layout/plain-page.tsx';

export interface ErrorPageProps {
  error: Error & { digest?: string };
  reset: () => void;
}

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <PlainPage
      title="The console could not show this page"
      action={
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
      }
    >
      Nothing was changed. If it stays, give support the reference {error.digest ?? 'unknown'} and the time.
    </PlainPage>
  );
}
