'use client';

import type { ApiOutput } from '../../../trpc/client.tsx';
import { usePath } from '../../../trpc/use-path.ts';
import { LinkButton } from '../../../ui/button.tsx';
import { Banner } from '../../../ui/layout/card.tsx';
import { describeCount } from '../../../ui/text/count.ts';
import { UntrustedText } from '../../../ui/text/untrusted-text.tsx';

/** A server with what its newest import brought. */
export interface OpenapiImported {
  slug: string;
  result: ApiOutput['server']['importOpenapi'];
}

/** What came of an import, and where it goes on. */
export function OpenapiDone({ slug, result }: OpenapiImported) {
  const path = usePath();
  const tools = describeCount(result.tools, 'tool');
  const waits = result.openReviewId !== null;
  return (
    <Banner
      tone={waits ? 'warn' : 'ok'}
      title={
        waits ? `${tools} of revision ${result.revision} wait for a review` : `Revision ${result.revision} holds nothing new`
      }
      action={
        <div className="flex flex-wrap gap-2">
          <LinkButton href={path(`/servers/${slug}`)} size="small">
            Open the server
          </LinkButton>
          {waits && (
            <LinkButton href={path(`/reviews/${result.openReviewId}`)} size="small">
              Open the review
            </LinkButton>
          )}
        </div>
      }
    >
      {waits
        ? 'What is new or has changed is off until someone else decides. What was approved before and has not changed keeps working.'
        : 'Every tool is as it was decided before.'}
      {result.warnings.length > 0 && (
        <ul className="mt-2 flex flex-col gap-1 text-xs text-warn-fg">
          {result.warnings.map((warning) => (
            <li key={warning}>
              <UntrustedText text={warning} />
            </li>
          ))}
        </ul>
      )}
    </Banner>
  );
}
