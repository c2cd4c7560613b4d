import { constants } from 'node:fs';
import { open, readlink, realpath } from 'node:fs/promises';

const MAX_SECRET_BYTES = 256 * 1024;

/** The message names the reference and the remedy, never a value. */
export class SecretUnavailable extends Error {
  override readonly name = 'SecretUnavailable';
}

/** Only a regular file, as a pipe or a device could be waited for without end, and only the one that is offered at this real path. */
export async function readSecretFile(reference: string, path: string): Promise<string> {
  try {
    await using file = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    const stat = await file.stat();
    if (!stat.isFile() || stat.size > MAX_SECRET_BYTES)
      throw new SecretUnavailable(`${reference} is no file of a credential's size.`);
    if ((await findOpened(file.fd, path)) !== path)
      throw new SecretUnavailable(`${reference} was moved, or led elsewhere, while it was read. Put it back and try again.`);
    return await file.readFile('utf8');
  } catch (error) {
    if (error instanceof SecretUnavailable) throw error;
    throw new SecretUnavailable(`${reference} ${isMissing(error) ? 'does not exist' : "cannot be read by the agent's user"}.`, {
      cause: error,
    });
  }
}

/** Where an open file is: a folder above it may have become a link since its path was looked at. Linux says it of the file itself. */
function findOpened(descriptor: number, path: string): Promise<string> {
  return readlink(`/proc/self/fd/${descriptor}`).catch(() => realpath(path));
}

export function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ENOENT';
}
