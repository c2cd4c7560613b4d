import { z } from 'zod';

const Env = z.object({
  PLAYWRIGHT_CHROMIUM: z.string().optional(),
  /** where the browser tests leave a report in JSON, beside the list that they print */
  PLAYWRIGHT_JSON_OUTPUT_FILE: z.string().optional(),
  /** a folder for pictures of the screens that are looked at, both themes, wide and narrow */
  GATEHOUSE_SHOTS_DIR: z.string().optional(),
  REDIS_URL: z.string().optional(),
  /** a bundle of the agent to test instead of one built from this tree */
  GATEHOUSE_AGENT_BUNDLE: z.string().optional(),
  /** 1: what cannot be had fails instead of being skipped */
  GATEHOUSE_TEST_STRICT: z.enum(['0', '1']).default('0'),
  /** 1: all rounds of the kill tests, otherwise a twentieth */
  GATEHOUSE_DRILL: z.enum(['0', '1']).default('0'),
});

export function readEnv(source: NodeJS.ProcessEnv = process.env): z.infer<typeof Env> {
  return Env.parse(source);
}
