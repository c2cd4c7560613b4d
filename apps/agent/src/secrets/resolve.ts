import { readFile, realpath } from 'node:fs/promises';
import { sep } from 'node:path';

/** Resolves `env:NAME` or `file:/absolute/path` to its value, late: for one upstream connection. Rejects with SecretUnavailable. */
export type ResolveSecret = (reference: string) => Promise<string>;

/** The message names the reference and the remedy, never a value. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
}

const MAX_SECRET_CHARACTERS = 64 * 1024;

export interface SecretSource {
  environment: Readonly<Record<string, string | undefined>>;
  /** the agent's own state, which no reference may read */
  dataDir: string;
  /** told every value before the caller gets it, so that it is scrubbed wherever it turns up */
  onSecret: (value: string) => void;
}

export function createSecretResolver(source: SecretSource): ResolveSecret {
  return async (reference) => {
    const value = (await readReference(source, reference)).replace(/\r?\n$/, '');
    if (value === '' || value.length > MAX_SECRET_CHARACTERS) {
      throw new SecretUnavailable(`${reference} is ${value === '' ? 'empty' : 'too long'} on this agent.`);
    }
    source.onSecret(value);
    return value;
  };
}

async function readReference(source: SecretSource, reference: string): Promise<string> {
  const colon = reference.indexOf(':');
  const kind = reference.slice(0, colon);
  const place = reference.slice(colon + 1);
  if (kind === 'env') return readVariable(source, place);
  if (kind === 'file') return readSecretFile(source, place);
  throw new SecretUnavailable(`${reference} is not a secret reference. Use env:NAME or file:/absolute/path.`);
}

function readVariable(source: SecretSource, name: string): string {
  if (name.startsWith('GATEHOUSE_')) throw new SecretUnavailable(`env:${name} belongs to the agent itself and is never sent.`);
  const value = source.environment[name];
  if (value === undefined) throw new SecretUnavailable(`env:${name} is not set on this agent. Set it and start the agent again.`);
  return value;
}

async function readSecretFile(source: SecretSource, path: string): Promise<string> {
  const [file, dataDir] = await Promise.all([realpath(path), realpath(source.dataDir)]).catch((error: unknown) => {
    throw new SecretUnavailable(`file:${path} cannot be read on this agent. Check that it exists.`, { cause: error });
  });
  if (isBelow(file, dataDir) || isBelow(file, '/proc') || isBelow(file, '/dev')) {
    throw new SecretUnavailable(`file:${path} belongs to the agent itself or the system and is never sent.`);
  }
  return readFile(file, 'utf8').catch((error: unknown) => {
    throw new SecretUnavailable(`file:${path} cannot be read by the agent's user.`, { cause: error });
  });
}

function isBelow(file: string, directory: string): boolean {
  return file === directory || file.startsWith(directory + sep);
}
