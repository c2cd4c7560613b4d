import { existsSync, statSync } from 'node:fs';
import { resolve, sep } from 'node:path';

/** Programs that fetch what they run at each start. */
const FETCHERS = new Set(['bunx', 'dlx', 'pipx', 'pnpx', 'uvx']);
/** The same, as words after these. */
const FETCHING: Readonly<Record<string, ReadonlySet<string>>> = {
  npm: new Set(['create', 'exec', 'init', 'x']),
  pnpm: new Set(['create', 'exec']),
  yarn: new Set(['create', 'exec']),
  bun: new Set(['create', 'x']),
  uv: new Set(['run', 'tool']),
};
/** Of the same programs: what starts a line of text that stands in package.json. */
const SCRIPT_WORDS = new Set(['run', 'run-script', 'start', 'test']);
const SHELLS = new Set(['bash', 'dash', 'fish', 'ksh', 'sh', 'zsh']);
/** Programs that start another one, with a word that leads to what is to be written instead. */
const STARTERS: Readonly<Record<string, string>> = {
  doas: '"user" of the entry says whose rights it has',
  env: '"env" of the entry names the variables that it gets',
  nice: 'limits of the entry are "maxProcesses" and "maxMemoryMb"',
  nohup: 'the agent keeps it running',
  setpriv: '"user" of the entry says whose rights it has',
  setsid: 'the agent keeps it running',
  su: '"user" of the entry says whose rights it has',
  sudo: '"user" of the entry says whose rights it has',
  time: 'the agent measures every call',
  timeout: '"limits" of the guardrails say how long it may take',
  xargs: 'an entry has exact arguments',
};
/** Programs that run a file which is named to them. */
const RUNS_FILES = /^(?:node|nodejs|deno|bun|tsx|python[\d.]*|ruby|perl|php|java|bash|dash|fish|ksh|sh|zsh)$/;
const CODE_FILE = /\.(?:[cm]?[jt]s|py|rb|pl|php|jar|sh)$/i;

/** Why these words cannot be an entry, whatever is installed, and what to write instead; null when they may be one. */
export function findWordsProblem([typed = '', ...args]: readonly string[]): string | null {
  if (/^\w+=/.test(typed)) {
    return `${typed.split('=')[0]} is a variable. Leave it out here: "env" of the entry names it, and its value stands in the environment of the agent.`;
  }
  const name = typed.split(sep).at(-1) ?? '';
  const instead = Object.hasOwn(STARTERS, name) ? STARTERS[name] : undefined;
  if (instead !== undefined && args.length > 0) {
    return `${name} starts another program, and an entry binds the one that it names. Give that command alone; ${instead}.`;
  }
  const [verb = ''] = args;
  const packages = Object.hasOwn(FETCHING, name) ? FETCHING[name] : undefined;
  const fetcher = packages?.has(verb) ? `${name} ${verb}` : [name, verb].find((word) => FETCHERS.has(word));
  if (fetcher !== undefined) {
    return `${fetcher} fetches what it runs at each start, which no hash can bind. Install the server and give its own command.`;
  }
  if (packages && SCRIPT_WORDS.has(verb) && !CODE_FILE.test(args[1] ?? '')) {
    return `${name} ${verb} runs a text of package.json as a command. Give the command that it runs.`;
  }
  return SHELLS.has(name) && args.some((argument) => /^-[a-z]*c/.test(argument))
    ? 'A shell would run text as a command. Give the command that it runs.'
    : null;
}

/** Why a file cannot be started as it is; null when it can. */
export function findFileProblem(file: string): string | null {
  const stat = statSync(file);
  if ((stat.mode & 0o111) !== 0) return null;
  const runner = /\.[cm]?js$/.test(file) ? 'node' : file.endsWith('.py') ? 'python3' : null;
  const instead = runner === null ? 'give the program that runs it.' : `give what runs it: ${runner} ${file}`;
  return `${file} cannot be started: it is not executable. Make it so (chmod +x), or ${instead}`;
}

/** Why nothing starts by what was typed, and what to type. */
export function describeMissing(typed: string, cwd: string): string {
  const here = resolve(cwd, typed);
  if (/\s/.test(typed)) {
    return `${typed} is not found: it is taken for the name of one program. Give its words apart: -- ${typed}`;
  }
  if (statSync(here, { throwIfNoEntry: false })?.isDirectory()) return `${here} is a folder. Give the program in it.`;
  if (typed.includes(sep)) return `${here} does not exist. Go to the folder that the path starts from, or give an absolute path.`;
  if (existsSync(here)) return `${typed} is not in PATH. Give the path of the one in this folder: ./${typed}`;
  return `${typed} is not in PATH on this machine. Install it, or give its path.`;
}

/** Why the file that an interpreter is given first is not there; null when it is, or when it may be something else than a file. */
export function findMissingScript(command: string, args: readonly string[], cwd: string): string | null {
  const [first] = args;
  const runs = RUNS_FILES.test(command.split(sep).at(-1) ?? '');
  if (!runs || first === undefined || first.startsWith('-') || existsSync(resolve(cwd, first))) return null;
  return CODE_FILE.test(first) || first.includes(sep)
    ? `${first} is not in ${cwd}. Go to the folder of the server, name it with --cwd, or give the absolute path of the file.`
    : null;
}
