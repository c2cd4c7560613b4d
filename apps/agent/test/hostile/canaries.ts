import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';

import { onTestFinished } from 'vitest';

import { makeTempDir } from '../support/disk/temp-dir.ts';

/** Stands in every file that nobody offered. */
export const FILE_MARKER = 'canary-file-0b7f3d5e91c24a68';

const FILES = ['password', 'vault/token', 'ключ', 'with space', 'server.key'];
const COMMANDS = ['sh', 'bash', 'node', 'npx', 'curl', 'files'];

/** Files, programs and a listener of this machine that no site has named, and what tells that somebody touched them. */
export interface Canaries {
  folder: string;
  /** absolute paths: files, links to them, and a folder */
  files: string[];
  /** programs of well-known names; PATH may begin with their folder */
  commandFolder: string;
  commands: string[];
  /** listens on every address of this machine */
  port: number;
  /** which canaries were touched, and how */
  listTouched(): Record<'read' | 'run' | 'connected', string[]>;
}

export async function plantCanaries(): Promise<Canaries> {
  const folder = makeTempDir();
  const files = FILES.map((name) => plantFile(join(folder, 'files', name)));
  const link = join(folder, 'link');
  symlinkSync(files[0] ?? '', link);
  const commandFolder = join(folder, 'bin');
  const ran = join(folder, 'ran');
  const commands = COMMANDS.map((name) => plantCommand(join(commandFolder, name), ran));
  const connections: string[] = [];
  const port = await listenEverywhere(connections);
  const tellsReads = canTellReads(folder);
  return {
    folder,
    files: [...files, link, join(folder, 'files')],
    commandFolder,
    commands,
    port,
    listTouched: () => ({
      read: files.filter((file) => tellsReads && isRead(file)),
      run: existsSync(ran) ? readFileSync(ran, 'utf8').split('\n') : [],
      connected: connections,
    }),
  };
}

function plantFile(path: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `${FILE_MARKER}\n`);
  // read last before it was written: the next reading is noted, also where times of access are kept only now and then
  utimesSync(path, new Date(0), new Date());
  return path;
}

const isRead = (file: string): boolean => statSync(file).atimeMs > 0;

/** False on a disk that keeps no times of access. */
function canTellReads(folder: string): boolean {
  const control = plantFile(join(folder, 'control'));
  readFileSync(control);
  return isRead(control);
}

function plantCommand(path: string, ran: string): string {
  mkdirSync(join(path, '..'), { recursive: true });
  writeFileSync(path, `#!/bin/sh\necho "$0 $*" >> ${ran}\n`);
  chmodSync(path, 0o755);
  return path;
}

async function listenEverywhere(connections: string[]): Promise<number> {
  const server = createServer((socket) => {
    const { localAddress } = socket;
    socket
      .on('error', () => undefined)
      .once('data', (data) => connections.push(`${localAddress} got ${data.toString('latin1')}`));
    connections.push(`a connection to ${localAddress}`);
    socket.end('HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, resolve));
  onTestFinished(() => new Promise<void>((resolve) => server.close(() => resolve())));
  return (server.address() as AddressInfo).port;
}
