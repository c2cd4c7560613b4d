import {
  closeSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readdirSync,
  readFileSync,
  readSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

// What a process was started with can be read in /proc for as long as it lives, whatever it deletes of it. So a serving agent starts itself
// anew, as the same process, with an environment and arguments that hold no secret. The values go over in a file without a name. Node hands
// on no descriptor but the standard ones, so it takes the place of standard input, which a serving agent does not read.

type Environment = Record<string, string | undefined>;

const SERVING: ReadonlySet<string | undefined> = new Set(['up', 'run']);
/** Says at the second start that standard input is the environment of the first. */
const MARK = 'GATEHOUSE_ENVIRONMENT_ON_STDIN';
const TOKEN = 'GATEHOUSE_ENROLL_TOKEN';
/** What Node, its libraries and a terminal read by themselves. */
const KEPT = new Set(
  [
    'PATH HOME TMPDIR TZ LANG LC_ALL TERM COLORTERM NO_COLOR FORCE_COLOR LD_LIBRARY_PATH SSL_CERT_FILE SSL_CERT_DIR OPENSSL_CONF',
    'NODE_ENV NODE_OPTIONS NODE_EXTRA_CA_CERTS NODE_USE_SYSTEM_CA NODE_ICU_DATA NODE_V8_COVERAGE UV_THREADPOOL_SIZE',
  ].flatMap((names) => names.split(' ')),
);
/**
 * For the allocator of glibc, which reads it at the start of a process. Left alone it learns from the first large buffers to keep all later ones below that size for itself, and gives
 * nothing of it back: 213 of 415 MB after 128 calls of 1 MB. With a fixed threshold each large buffer is a mapping of its own and goes back when it is freed.
 * One arena instead of one for each thread of Node and V8, which each keep what was freed in them: 25 MB less after 8,000 calls.
 */
const ALLOCATOR = {
  MALLOC_ARENA_MAX: '1',
  MALLOC_MMAP_THRESHOLD_: String(128 * 1024),
  MALLOC_TRIM_THRESHOLD_: String(1024 * 1024),
};
const STDIN = 0;
const LAST_STANDARD = 2;
const CLOSE_ON_EXEC = 0o2000000;

/** The environment that this agent was given. */
export const givenEnvironment: Environment = openEnvironment();

/** Where the environment has to be left first this does not return: it runs again in the new start. */
function openEnvironment(): Environment {
  if (process.env[MARK] !== undefined) return takeOver();
  const [, script = '', ...args] = process.argv;
  if (!SERVING.has(args[0])) return takeEnvironment();
  if (process.platform === 'win32' || !process.execve) {
    process.stderr.write(
      "This system cannot start a process anew: other processes of the agent's user can read its environment.\n",
    );
    return takeEnvironment();
  }
  const { rest, token } = takeToken(args);
  closeInherited();
  leaveOnStdin(token === null ? process.env : { ...process.env, [TOKEN]: token, [`${TOKEN}_FILE`]: '' });
  const kept = Object.fromEntries(Object.entries(process.env).filter(([name]) => KEPT.has(name)));
  return process.execve(process.execPath, [process.execPath, ...process.execArgv, script, ...rest], {
    ...ALLOCATOR,
    ...kept,
    [MARK]: '1',
  });
}

/** Nothing that this process loads or starts later finds the join token, also when the command ends before it has read its settings. */
function takeEnvironment(): Environment {
  const given = { ...process.env };
  delete process.env[TOKEN];
  return given;
}

/** Takes the token out of `up --enroll TOKEN`: arguments can be read by everybody on the machine. */
function takeToken(args: readonly string[]): { rest: readonly string[]; token: string | null } {
  const at = args.findIndex((argument) => argument === '--enroll' || argument.startsWith('--enroll='));
  const inline = args[at]?.slice('--enroll='.length) ?? '';
  const given = inline || args[at + 1];
  if (at === -1 || !given) return { rest: args, token: null };
  const token = given === '-' ? readFileSync(STDIN, 'utf8').trim() : given;
  return { rest: args.toSpliced(at, inline ? 1 : 2), token };
}

/** Whatever else the launcher left open is not for the agent, and less for what the agent starts. */
function closeInherited(): void {
  if (process.platform !== 'linux') return;
  for (const name of readdirSync('/proc/self/fd')) {
    if (Number(name) > LAST_STANDARD && isInherited(name)) closeSync(Number(name));
  }
}

/** Node opens nothing that a program it becomes would have; of the folder that was just read nothing is left. */
function isInherited(descriptor: string): boolean {
  try {
    const [, flags = ''] = /^flags:\s+(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${descriptor}`, 'utf8')) ?? [];
    return (Number.parseInt(flags, 8) & CLOSE_ON_EXEC) === 0;
  } catch {
    return false;
  }
}

function leaveOnStdin(environment: Environment): void {
  closeSync(STDIN);
  // the lowest number that is free is given
  writeFileSync(openNameless(), formatVariables(environment));
}

/** In memory where the system has such a folder. It is written to when it has no name any more. */
function openNameless(): number {
  const name = `gatehouse-${process.pid}-${process.hrtime.bigint()}`;
  const create = (folder: string) => {
    const path = join(folder, name);
    const file = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return file;
  };
  try {
    return create('/dev/shm');
  } catch {
    return create(tmpdir());
  }
}

function takeOver(): Environment {
  const bytes = Buffer.alloc(fstatSync(STDIN).size);
  readSync(STDIN, bytes, 0, bytes.length, 0);
  ftruncateSync(STDIN);
  closeSync(STDIN);
  openSync('/dev/null', 'r');
  return parseVariables(bytes.toString('utf8'));
}

function formatVariables(environment: Environment): string {
  return Object.entries(environment)
    .map(([name, value]) => `${name}=${value}`)
    .join('\0');
}

function parseVariables(text: string): Environment {
  const entries = text.split('\0').map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)] as const);
  return Object.fromEntries(entries);
}
