import { EmbeddedError } from '@gatehouse/db/embedded-binaries';
import { ServiceError } from '@gatehouse/services/errors';

import { LocalError } from './settings.ts';

/** What a machine may refuse, by the system's code. */
const REFUSALS: Record<string, string> = {
  EACCES: 'permission is denied',
  EPERM: 'that is not permitted',
  EROFS: 'the file system is read-only',
};
/** The same, of a folder that is to be made. */
const FOLDER_REFUSALS: Record<string, string> = {
  ...REFUSALS,
  EEXIST: 'it is a file, and a folder is needed',
  ENOTDIR: 'it lies below a file',
  ENOENT: 'no folder can be made there',
};

/** What a failure is told as: a sentence when the user or the machine is the cause, the stack when it is a defect. */
export function describeError(error: unknown): string {
  if (error instanceof LocalError || error instanceof ServiceError || error instanceof EmbeddedError) return error.message;
  if (!(error instanceof Error)) return String(error);
  const { code = '', path, syscall }: NodeJS.ErrnoException = error;
  if (code === 'ENOSPC' || code === 'EDQUOT') return 'The disk is full. Free some space and run the command again.';
  const refusal = (syscall === 'mkdir' ? FOLDER_REFUSALS : REFUSALS)[code];
  if (refusal === undefined || path === undefined) return error.stack ?? error.message;
  return `${path} cannot be used: ${refusal} (${code}). GATEHOUSE_DATA_DIR names another data folder.`;
}
