'use client';

import { Button } from '../ui/button.tsx';
import { PlainPage } from '../ui/layout/plain-page.tsx';
import { describeFailure } from '../ui/status/describe-failure.ts';

export interface ErrorPageProps {
  error: Error & { digest?: string };
  reset: () => void;
}

export default function ErrorPage({ error, reset }: ErrorPageProps) {
  return (
    <PlainPage
      title="The console could not show this page"
      action={
        <>
          <Button variant="primary" onClick={reset}>
            Try again
          </Button>
          {/* a document of its own: what failed may be what a link needs */}
          <Button onClick={() => window.location.assign('/')}>Go to the start</Button>
        </>
      }
    >
      {describeFailure(error)}
    </PlainPage>
  );
}
