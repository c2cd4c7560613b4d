'use client';

import { Button } from '../../../ui/button.tsx';
import { PageHeader } from '../../../ui/layout/page-header.tsx';
import { describeFailure } from '../../../ui/status/describe-failure.ts';
import type { ErrorPageProps } from '../../error.tsx';

/** In the place of a page of the workspace that failed: the way to all others stays around it. */
export default function WorkspaceError({ error, reset }: ErrorPageProps) {
  return (
    <PageHeader
      title="The console could not show this page"
      sub={describeFailure(error)}
      primary={
        <Button variant="primary" onClick={reset}>
          Try again
        </Button>
      }
    />
  );
}
