import { SERVER_INFO_META_KEY } from '@modelcontextprotocol/client';
import { z } from 'zod';

const Result = z.looseObject({ _meta: z.looseObject({}).optional() });

/**
 * A result without who answered, which a server of 2026-07-28 says in each and which before a client of the agent is the agent, and without the
 * `names` beside it.
 */
export function withoutHopData(result: unknown, names: readonly string[]): Record<string, unknown> {
  const { _meta = {}, ...said } = Result.parse(result);
  const without = (object: object, left: readonly string[]) =>
    Object.fromEntries(Object.entries(object).filter(([key]) => !left.includes(key)));
  const meta = without(_meta, [SERVER_INFO_META_KEY]);
  return { ...without(said, names), ...(Object.keys(meta).length > 0 && { _meta: meta }) };
}
