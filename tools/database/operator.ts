// The operator's own commands, on the database of DATABASE_URL (the owner's):
//   npm run operator -- workspace --slug acme --name Acme --owner ada@acme.example
//   npm run operator -- link --workspace acme --email ada@acme.example [--role reviewer]
// Each prints a link below NEXTAUTH_URL. Making a workspace needs GATEHOUSE_SIGNING_KEK as the console has it. Secrets may be given as files.
import { parseArgs } from 'node:util';

import pino from 'pino';
import { z } from 'zod';

import { createUrlSchema, readEnvironment, SigningKek } from '@gatehouse/process/environment';
import { listInputProblems } from '@gatehouse/process/input-problems';
import { CreateOperatorLink, createOperatorLink, type OperatorLink } from '@gatehouse/services/member/create-operator-link';
import { openRuntime, type Runtime } from '@gatehouse/services/runtime';
import { CreateTenant, createTenant } from '@gatehouse/services/tenant/create-tenant';

const USAGE = `Use one of
  workspace --slug SLUG --name NAME --owner E-MAIL
  link --workspace SLUG --email E-MAIL [--role ROLE]`;

/** Names of options that are called otherwise by the verbs. */
const OPTIONS: Readonly<Record<string, string>> = { ownerEmail: 'owner', tenantSlug: 'workspace' };

const OperatorEnv = z.object({
  DATABASE_URL: createUrlSchema('postgres', 'postgresql'),
  GATEHOUSE_SIGNING_KEK: SigningKek.optional(),
  NEXTAUTH_URL: createUrlSchema('http', 'https'),
});

type PrintedLink = Pick<OperatorLink, 'kind' | 'token' | 'expiresAt'>;
type Command = (runtime: Runtime) => Promise<PrintedLink>;

/** Throws for anything but one of the two. */
function readCommand(args: string[]): Command {
  const text = { type: 'string' } as const;
  const { positionals, values } = parseArgs({
    args,
    allowPositionals: true,
    options: { slug: text, name: text, owner: text, workspace: text, email: text, role: text },
  });
  const { slug, name, owner: ownerEmail, workspace: tenantSlug, email, role } = values;
  switch (positionals.join(' ')) {
    case 'workspace': {
      const input = CreateTenant.parse({ slug, name, ownerEmail });
      return async (runtime) => ({ kind: 'invitation', ...(await createTenant({ runtime, input })) });
    }
    case 'link': {
      const input = CreateOperatorLink.parse({ tenantSlug, email, role });
      return (runtime) => createOperatorLink({ runtime, input });
    }
    default:
      throw new Error(USAGE);
  }
}

async function runCommand(): Promise<void> {
  const command = readCommand(process.argv.slice(2));
  const env = readEnvironment(OperatorEnv, ['DATABASE_URL', 'GATEHOUSE_SIGNING_KEK'], process.env);
  const runtime = await openRuntime({
    appDatabaseUrl: env.DATABASE_URL,
    signingKek: env.GATEHOUSE_SIGNING_KEK,
    // only join tokens carry it, and none is made here
    hubPublicUrl: 'ws://127.0.0.1',
    log: pino({ level: 'silent' }),
    poolSize: 1,
  });
  try {
    const { kind, token, expiresAt } = await command(runtime);
    process.stdout.write(`${new URL(`/${kind}#${token}`, env.NEXTAUTH_URL).href}\n`);
    process.stderr.write(`Works once, until ${expiresAt.toISOString()}, for whoever has it: hand it to this person alone.\n`);
  } finally {
    await runtime.close();
  }
}

function describeProblem(error: unknown): string {
  if (error instanceof z.ZodError) {
    const problems = listInputProblems(error).map(
      ({ path, text }) => `--${OPTIONS[String(path[0])] ?? String(path[0])}: ${text}`,
    );
    return [...problems, USAGE].join('\n');
  }
  return error instanceof Error ? error.message : String(error);
}

try {
  await runCommand();
} catch (error) {
  process.stderr.write(`${describeProblem(error)}\n`);
  process.exitCode = 1;
}
