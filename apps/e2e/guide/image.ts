import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { chmodSync, copyFileSync, cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, matchesGlob } from 'node:path';
import { promisify } from 'node:util';

import { DockerfileParser } from 'dockerfile-ast';
import { z } from 'zod';

import { root } from '../src/stack.ts';
import { replacePlaces } from './machine.ts';

const run = promisify(execFile);

/** Where an image has something: each is a place in the folder of its stage. */
const PLACES = ['/src', '/opt', '/usr/local/bin', '/var/lib', '/etc'];

const Words = z.tuple([z.string()], z.string());

/** A stage as it is after its last instruction. */
export interface Stage {
  /** holds the places of this image */
  folder: string;
  env: Record<string, string>;
  workdir: string;
  /** number of the user who runs what is started; null: root, or whoever runs the test */
  user: number | null;
  cmd: readonly string[];
  /** what tells whether it is well, and null: nothing does */
  health: readonly string[] | null;
}

/**
 * Follows container files without an engine: each stage is a folder in which its places are, and what it copies, runs and starts is copied, run and started
 * there, as the user it names where the test is root. The base is the machine of the test, with Node of the version that the file asks for.
 */
export class Images {
  readonly #folder: string;
  readonly #environment: Readonly<Record<string, string>>;
  /** folders by what led to them: files that begin alike share that, as they do the layers of an engine */
  readonly #layers = new Map<string, string>();
  #made = 0;

  constructor(folder: string, environment: Readonly<Record<string, string>>) {
    this.#folder = folder;
    this.#environment = environment;
    mkdirSync(join(folder, 'bin'), { recursive: true });
    copyFileSync(process.execPath, join(folder, 'bin/node'));
    chmodSync(join(folder, 'bin/node'), 0o755);
    // who is not root gives nothing to another user, and runs all of it
    if (process.getuid?.() !== 0) writeFileSync(join(folder, 'bin/chown'), '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  }

  /** Builds the stages of a container file, up to the target, of the files that are in the repository. Rejects with what a command said that failed. */
  async build(file: string, target: string): Promise<Stage> {
    const path = join(root, 'infra/docker', file);
    const named = new Map<string, Stage>();
    let stage: Stage | null = null;
    let steps = '';
    for (const instruction of DockerfileParser.parse(readFileSync(path, 'utf8')).getInstructions()) {
      const keyword = instruction.getKeyword();
      const text = instruction.getTextContent().slice(keyword.length).trim();
      if (keyword === 'ARG') continue;
      if (keyword === 'FROM') {
        if (named.has(target)) break;
        const [from = '', name = ''] = text.split(/ as /i);
        stage = this.#makeStage(named.get(from));
        steps = stage.folder === named.get(from)?.folder ? stage.folder : from;
        named.set(name, stage);
        continue;
      }
      if (!stage) throw new Error(`${file}: ${keyword} before FROM`);
      steps += `\n${keyword} ${text}`;
      const known = this.#layers.get(steps);
      if (known !== undefined) stage.folder = known;
      else await this.#follow(stage, { keyword, text, ignored: readIgnored(path), named });
      if (keyword === 'RUN' || keyword === 'COPY') this.#layers.set(steps, stage.folder);
    }
    const built = named.get(target);
    if (!built) throw new Error(`${file} has no stage ${target}`);
    return built;
  }

  /** Runs a command in a stage, as its user, and returns what it printed. */
  async run(stage: Stage, command: readonly string[], env: Readonly<Record<string, string>>): Promise<string> {
    const [program = '', ...words] = command.map((word) => replacePlaces(word, this.#buildPlaces(stage)));
    return (await run(program, words, { ...this.#buildOptions(stage, env), ...getUser(stage) })).stdout;
  }

  /** Starts what the image starts, as its user. */
  start(stage: Stage, env: Readonly<Record<string, string>>): ChildProcess {
    const [program = '', ...words] = stage.cmd.map((word) => replacePlaces(word, this.#buildPlaces(stage)));
    return spawn(program, words, {
      ...this.#buildOptions(stage, env),
      ...getUser(stage),
      stdio: ['ignore', 'inherit', 'inherit'],
    });
  }

  /** What begins with a stage goes on in its folder: none of ours writes there what another must not see. */
  #makeStage(from: Stage | undefined): Stage {
    if (from) return { ...from };
    this.#made += 1;
    const folder = join(this.#folder, `stage-${this.#made}`);
    for (const place of PLACES) mkdirSync(join(folder, place), { recursive: true });
    return { env: {}, workdir: '/', user: null, cmd: [], health: null, folder };
  }

  async #follow(
    stage: Stage,
    {
      keyword,
      text,
      ignored,
      named,
    }: { keyword: string; text: string; ignored: readonly string[]; named: ReadonlyMap<string, Stage> },
  ): Promise<void> {
    switch (keyword) {
      case 'WORKDIR':
        stage.workdir = text;
        mkdirSync(join(stage.folder, text), { recursive: true });
        break;
      case 'ENV':
        stage.env = { ...stage.env, ...Object.fromEntries(text.split(' ').map((pair) => splitPair(pair))) };
        break;
      case 'COPY':
        await this.#copy(stage, text, ignored, named);
        break;
      case 'RUN':
        await run('sh', ['-ec', replacePlaces(text, this.#buildPlaces(stage))], {
          ...this.#buildOptions(stage, {}),
          maxBuffer: 1 << 26,
        });
        break;
      case 'CMD':
        stage.cmd = Words.parse(JSON.parse(text));
        break;
      case 'HEALTHCHECK':
        stage.health = Words.parse(JSON.parse(text.slice(text.indexOf('CMD ') + 4)));
        break;
      case 'USER':
        stage.user = Number(text.split(':', 1)[0]);
        break;
      // nothing that a folder has
      case 'EXPOSE':
      case 'VOLUME':
        break;
      default:
        throw new Error(`No test knows what ${keyword} does`);
    }
  }

  async #copy(stage: Stage, text: string, ignored: readonly string[], named: ReadonlyMap<string, Stage>): Promise<void> {
    const [from, source = '', target = ''] = text.startsWith('--from=') ? text.split(' ') : ['', ...text.split(' ')];
    if (from) {
      const other = named.get(from.slice('--from='.length));
      if (!other) throw new Error(`COPY ${text}: there is no such stage`);
      const to = join(stage.folder, target);
      mkdirSync(dirname(to), { recursive: true });
      cpSync(join(other.folder, source), to, { recursive: true, force: true, verbatimSymlinks: true });
      return;
    }
    if (source !== '.' || target !== '.') throw new Error(`COPY ${text}: only the whole is copied`);
    const { stdout } = await run('git', ['ls-files', '-z'], { cwd: root, maxBuffer: 1 << 26 });
    for (const path of stdout.split('\0')) {
      if (path === '' || isIgnored(path, ignored) || !existsSync(join(root, path))) continue;
      cpSync(join(root, path), join(stage.folder, stage.workdir, path), { verbatimSymlinks: true });
    }
  }

  #buildPlaces(stage: Stage): Record<string, string> {
    return Object.fromEntries(PLACES.map((place) => [`${place}/`, `${join(stage.folder, place)}/`]));
  }

  #buildOptions(stage: Stage, env: Readonly<Record<string, string>>) {
    const own = Object.entries(process.env).filter(
      ([name]) => !/^(?:GATEHOUSE_|NEXTAUTH_|DATABASE_URL|REDIS_URL|NODE_ENV)/.test(name),
    );
    const places = this.#buildPlaces(stage);
    const said = Object.entries({ ...stage.env, ...env }).map(([name, value]) => [name, replacePlaces(value, places)]);
    return {
      cwd: join(stage.folder, stage.workdir),
      env: {
        ...Object.fromEntries(own),
        ...this.#environment,
        PATH: `${join(this.#folder, 'bin')}:${process.env.PATH ?? ''}`,
        ...Object.fromEntries(said),
      },
    };
  }
}

/** Another user than one's own is for root to give. */
const getUser = ({ user }: Stage): { uid?: number; gid?: number } =>
  user !== null && process.getuid?.() === 0 ? { uid: user, gid: user } : {};

function splitPair(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return [pair.slice(0, at), pair.slice(at + 1)];
}

function readIgnored(path: string): string[] {
  return readFileSync(`${path}.dockerignore`, 'utf8').split('\n').filter(Boolean);
}

function isIgnored(path: string, patterns: readonly string[]): boolean {
  const parts = path.split('/');
  return parts.some((_, index) => patterns.some((pattern) => matchesGlob(parts.slice(0, index + 1).join('/'), pattern)));
}
