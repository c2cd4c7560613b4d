import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs';

import { isErrno } from './disk.ts';

/** What stands where a file of the agent has to be cannot be read; one line that names it and says what to do. */
export class UnreadableFile extends Error {
  override readonly name = 'UnreadableFile';
  /** what is wrong with it alone, for who names the file and knows better what to do */
  readonly problem: string;

  constructor(path: string, problem: string, remedy: string, options?: ErrorOptions) {
    super(`${path} ${problem} ${remedy}`, options);
    this.problem = problem;
  }
}

const PUT_BACK = 'Put the file back from a copy, or move away what is there.';

const NAME_FOLDER = 'Move that away, or name another folder: GATEHOUSE_DATA_DIR.';

/**
 * Opens a file for reading, and nothing else: a pipe would be waited for, a device read without end. Throws UnreadableFile, or what the system says
 * of a file that is not there (ENOENT).
 */
export function openFile(path: string): number {
  let fd: number;
  try {
    fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  } catch (error) {
    throw explainOpenError(path, error);
  }
  const stat = fstatSync(fd);
  if (stat.isFile()) return fd;
  closeSync(fd);
  const kind = stat.isDirectory() ? 'folder' : 'pipe or device';
  throw new UnreadableFile(path, `is a ${kind} where a file has to be.`, PUT_BACK);
}

/** The whole content. Throws as `openFile`, also for a file of more than `mostBytes`. */
export function readBytesOf(path: string, mostBytes = Infinity): Buffer {
  const fd = openFile(path);
  try {
    if (fstatSync(fd).size > mostBytes) throw new UnreadableFile(path, `is larger than ${mostBytes} bytes.`, PUT_BACK);
    return readFileSync(fd);
  } finally {
    closeSync(fd);
  }
}

function explainOpenError(path: string, error: unknown): unknown {
  if (!isErrno(error, 'ELOOP', 'ENOTDIR', 'EACCES', 'EPERM', 'ENXIO', 'EIO')) return error;
  const options = { cause: error };
  switch (error.code) {
    case 'ELOOP':
      return new UnreadableFile(path, 'is a symbolic link that leads to itself.', PUT_BACK, options);
    case 'ENOTDIR':
      return new UnreadableFile(path, 'cannot be read: what it should lie in is not a directory.', NAME_FOLDER, options);
    case 'EACCES':
    case 'EPERM':
      return new UnreadableFile(
        path,
        'cannot be read by the user of the agent.',
        'Give it to that user, with the folder that it is in.',
        options,
      );
    default:
      return new UnreadableFile(path, `cannot be read (${error.code}).`, PUT_BACK, options);
  }
}
