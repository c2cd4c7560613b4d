import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { onTestFinished } from 'vitest';

import { buildAgent } from '@gatehouse/agent/build.ts';
import { findFreePort } from '@gatehouse/process/testing/free-port';

import { startProcess } from '../processes.ts';
import { isWritable, listFields, plantAll, type Sent } from './fields.ts';
import type { Ledger } from './ledger.ts';
import { CREDENTIAL, SECRETS } from './secrets.ts';

const hashFile = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');
const PROGRAM = fileURLToPath(new URL('program.ts', import.meta.url));

/** The machine of an agent on which everything has a name that holds all the secrets, and a program for each of them. */
export class PlantedSite {
  readonly #folder: string;
  readonly #ledger: Ledger;
  readonly #environment: Record<string, string>;
  readonly #hostname: string;
  readonly #guardrails: string;
  readonly #bundle: string;
  readonly #notes: string;
  #agent: ReturnType<typeof startProcess> | null = null;
  #ended = '';
  readonly url: string;

  private constructor(folder: string, ledger: Ledger, origin: string, port: number) {
    this.#folder = folder;
    this.#ledger = ledger;
    const texts = Object.fromEntries(
      listFields('machine').map(({ place, number }) => [place, SECRETS.map(({ write }) => write(number))]),
    );
    const makeFolder = (place: string): string => {
      const path = join(folder, place.slice(1), ...(texts[place] ?? []));
      mkdirSync(path, { recursive: true });
      return path;
    };
    this.#hostname = (texts['/hostname'] ?? []).join('-');
    this.#guardrails = join(makeFolder('/guardrailsFile'), 'guardrails.yaml');
    this.#bundle = join(folder, 'gatehouse-agent.mjs');
    this.#notes = join(folder, 'notes');
    mkdirSync(this.#notes);
    this.url = `http://127.0.0.1:${port}`;
    this.#environment = {
      GATEHOUSE_DATA_DIR: makeFolder('/dataDir'),
      GATEHOUSE_SECRETS_DIR: makeFolder('/secretsDir'),
      GATEHOUSE_LISTEN: new URL(this.url).host,
      GATEHOUSE_GUARDRAILS_FILE: this.#guardrails,
      GATEHOUSE_ALLOW_OWN_GUARDRAILS: 'true',
      GATEHOUSE_LOG_LEVEL: 'trace',
      SECRET_ECHO: CREDENTIAL,
      SECRET_ECHO_ORIGIN: origin,
      USER: (texts['/environment/USER'] ?? []).join(' '),
      HOME: makeFolder('/environment/HOME'),
      PATH: process.env.PATH ?? '',
    };
  }

  /** `origin`: of the servers that are sent the credential. */
  static async create(ledger: Ledger, origin: string): Promise<PlantedSite> {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'gatehouse-planted-')));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const site = new PlantedSite(folder, ledger, origin, await findFreePort());
    await buildAgent(site.#bundle);
    return site;
  }

  /** Starts the agent as it ships. `broken`: none of the programs is where the guardrails say, and the credential is for another server. */
  start(joinToken: string | null, broken = false): void {
    chmodSync(dirname(this.#guardrails), 0o755);
    rmSync(this.#guardrails, { force: true });
    writeFileSync(this.#guardrails, JSON.stringify({ http: { privateHosts: ['127.0.0.1'] }, stdio: this.#listEntries(broken) }));
    chmodSync(this.#guardrails, 0o444);
    const rename = `import os from 'node:os'; import { syncBuiltinESMExports } from 'node:module'; os.hostname = () => ${JSON.stringify(this.#hostname)}; syncBuiltinESMExports();`;
    const environment: Record<string, string> = {
      ...this.#environment,
      ...(joinToken !== null && { GATEHOUSE_ENROLL_TOKEN: joinToken }),
    };
    if (broken) environment.SECRET_ECHO_ORIGIN = 'https://elsewhere.example';
    this.#agent = startProcess(this.#bundle, ['run'], environment, [
      '--import',
      `data:text/javascript,${encodeURIComponent(rename)}`,
    ]);
    for (const which of SECRETS.keys())
      this.#ledger.note(which, ['machine', 'entryName', ...(broken ? (['entry'] as const) : [])]);
  }

  /** Everything that the agent has logged, from its first start on. */
  readOutput(): string {
    return this.#ended + (this.#agent?.readOutput() ?? '');
  }

  async stop(): Promise<void> {
    await this.#agent?.stop();
    this.#ended = this.readOutput();
    this.#agent = null;
    for (const name of readdirSync(this.#notes)) {
      const lines = readFileSync(join(this.#notes, name), 'utf8').split('\n').filter(Boolean);
      for (const line of lines) this.#ledger.note(Number(name), JSON.parse(line) as Sent[]);
    }
  }

  /** A program for each secret. */
  #listEntries(broken: boolean): Record<string, object> {
    const entries: Record<string, object> = {};
    for (const [which, { write }] of SECRETS.entries()) {
      const command = join(this.#folder, `program-${which}`);
      if (!broken)
        writeFileSync(command, `#!/bin/sh\nexec '${process.execPath}' '${PROGRAM}' ${which} '${this.#notes}'\n`, { mode: 0o755 });
      const sound = { command, args: [], cwd: this.#folder, sha256: { [command]: hashFile(command) }, sandbox: 'none' };
      const planted = plantAll(sound, 'entry', (field) => join(this.#folder, 'nowhere', write(field)));
      entries[`program-${which}`] = broken ? { ...planted, sha256: { [String(planted.command)]: '0'.repeat(64) } } : sound;
      for (const field of listFields('entryName'))
        if (isWritable(field, write(field.number))) entries[write(field.number)] = sound;
    }
    return entries;
  }
}
