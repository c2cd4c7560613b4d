import type { Page } from '@playwright/test';
import { z } from 'zod';

import type { Stack } from './stack.ts';

const Answer = z.object({ result: z.object({ data: z.object({ json: z.unknown() }) }) });

/** Asks the console's API as the person whose the browser is, for what a test needs and does not look at. Throws with the answer when it is refused. */
export async function askConsole<T>(
  page: Page,
  stack: Stack,
  procedure: string,
  input: object,
  schema: z.ZodType<T>,
  type: 'query' | 'mutation' = 'mutation',
): Promise<T> {
  const { consoleUrl, tenant } = stack.demo;
  const url = `${consoleUrl}/t/${tenant}/api/trpc/${procedure}`;
  const answered =
    type === 'query'
      ? await page.request.get(url, { params: { input: JSON.stringify({ json: input }) } })
      : await page.request.post(url, { headers: { origin: new URL(consoleUrl).origin }, data: { json: input } });
  const text = await answered.text();
  const answer = Answer.safeParse(JSON.parse(text));
  if (!answer.success) throw new Error(`${procedure} was refused: ${text}`);
  return schema.parse(answer.data.result.data.json);
}
