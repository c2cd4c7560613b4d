import { z } from 'zod';

import {
  createDatabaseUrlSchema,
  createUrlSchema,
  HubPublicUrl,
  LogLevel,
  MailFrom,
  Port,
  readEnvironment,
  RedisUrl,
  SigningKek,
} from '@gatehouse/process/environment';
import { OpsToken } from '@gatehouse/process/ops-access';
import { runSecretCommand } from '@gatehouse/process/secret-command';

const SECRETS = [
  'GATEHOUSE_WORKER_DATABASE_URL',
  'REDIS_URL',
  'GATEHOUSE_SIGNING_KEK',
  'GATEHOUSE_SMTP_URL',
  'GATEHOUSE_OPS_TOKEN',
] as const;

const WorkerFields = z.object({
  GATEHOUSE_WORKER_DATABASE_URL: createDatabaseUrlSchema('gatehouse_worker'),
  REDIS_URL: RedisUrl,
  GATEHOUSE_SIGNING_KEK: SigningKek,
  GATEHOUSE_HUB_PUBLIC_URL: HubPublicUrl.default('ws://127.0.0.1:3001'),
  /** the mail server; with it also who mails are from, and where their links lead */
  GATEHOUSE_SMTP_URL: createUrlSchema('smtp', 'smtps').optional(),
  GATEHOUSE_MAIL_FROM: MailFrom,
  NEXTAUTH_URL: createUrlSchema('http', 'https').optional(),
  GATEHOUSE_WORKER_HOST: z.string().min(1).default('127.0.0.1'),
  GATEHOUSE_WORKER_PORT: Port.default(3002),
  /** jobs that run at the same time */
  GATEHOUSE_WORKER_CONCURRENCY: z.coerce.number().int().min(1).max(100).default(4),
  /** between two passes over what the clock changes */
  GATEHOUSE_WORKER_PASS_SECONDS: z.coerce.number().int().min(5).max(60).default(60),
  GATEHOUSE_LOG_LEVEL: LogLevel,
  /** opens /metrics and /version to others than this machine */
  GATEHOUSE_OPS_TOKEN: OpsToken,
});
/** A mail server alone sends nothing, and who mails are from alone neither. */
const WorkerEnv = WorkerFields.superRefine((env, ctx) => {
  const asked = env.GATEHOUSE_SMTP_URL !== undefined || env.GATEHOUSE_MAIL_FROM !== undefined;
  if (!asked) return;
  for (const name of ['GATEHOUSE_SMTP_URL', 'GATEHOUSE_MAIL_FROM', 'NEXTAUTH_URL'] as const) {
    if (env[name] === undefined) ctx.addIssue({ code: 'custom', path: [name], message: 'is needed to send mail' });
  }
});
export type WorkerEnv = z.infer<typeof WorkerEnv>;

/** Reads the worker's environment. Throws EnvironmentError. */
export function readEnv(source: NodeJS.ProcessEnv = process.env): WorkerEnv {
  return readEnvironment(WorkerEnv, SECRETS, source, { GATEHOUSE_SIGNING_KEK: runSecretCommand });
}
