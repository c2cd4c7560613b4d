import { renderToStaticMarkup } from 'react-dom/server';
import { expect, test } from 'vitest';

import ErrorPage from '../../src/app/error.tsx';
import WorkspaceError from '../../src/app/t/[tenant]/error.tsx';
import { TRPCProvider } from '../../src/trpc/client.tsx';

const failed = { error: Object.assign(new Error('select * from secret'), { digest: '4711' }), reset: () => undefined };

test('a page that failed says what is known, under which reference, and has a way on; the cause is for the log alone', () => {
  const whole = renderToStaticMarkup(<ErrorPage {...failed} />);
  const inWorkspace = renderToStaticMarkup(
    <TRPCProvider tenant="acme">
      <WorkspaceError {...failed} />
    </TRPCProvider>,
  );
  for (const page of [whole, inWorkspace]) {
    expect(page).toContain('reference 4711');
    expect(page).toContain('Try again');
    expect(page).not.toContain('secret');
    expect(page).not.toContain('Nothing was changed');
    expect(page.match(/<h1/g)).toHaveLength(1);
  }
  expect(whole).toContain('Go to the start');
});
