import { z } from 'zod';

const Env = z.object({
  PLAYWRIGHT_CHROMIUM: z.string().optional(),
  REDIS_URL: z.string().optional(),
  /** 1: all rounds of the kill tests, otherwise a twentieth */
  GATEHOUSE_DRILL: z.enum(['0', '1']).default('0'),
});

export function readEnv(source: NodeJS.ProcessEnv = process.env): z.infer<typeof Env> {
  return Env.parse(source);
}
