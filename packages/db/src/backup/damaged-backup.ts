/** The file is no backup, or not all of it, or not as it was written. Its message is a sentence for whoever restores. */
export class DamagedBackup extends Error {
  override readonly name = 'DamagedBackup';
}

export const CUT_OFF = 'The file ends in the middle: it was cut off, or the backup did not come to its end.';
