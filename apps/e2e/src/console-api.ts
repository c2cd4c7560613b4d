import type { Page } from '@playwright/test';
import { z } from 'zod';

import type { Stack } from './stack.ts';

const Answer = z.object({ result: z.object({ data: z.object({ json: z.unknown() }) }) });

/** Asks the console's API as the person who is signed in on the page, for what a test needs and does not look at. Throws with the answer when it is refused. */
export async function askConsole<T>(
  page: Page,
  stack: Stack,
  procedure: string,
  input: object,
  schema: z.ZodType<T>,
  type: 'query' | 'mutation' = 'mutation',
): Promise<T> {
  const url = `${stack.demo.consoleUrl}/t/${stack.demo.tenant}/api/trpc/${procedure}`;
  const body = JSON.stringify({ json: input });
  const text = await page.evaluate(
    async ({ url: at, body: sent, isQuery }) => {
      const asked = isQuery
        ? await fetch(`${at}?input=${encodeURIComponent(sent)}`)
        : await fetch(at, { method: 'POST', headers: { 'content-type': 'application/json' }, body: sent });
      return asked.text();
    },
    { url, body, isQuery: type === 'query' },
  );
  const answer = Answer.safeParse(JSON.parse(text));
  if (!answer.success) throw new Error(`${procedure} was refused: ${text}`);
  return schema.parse(answer.data.result.data.json);
}
