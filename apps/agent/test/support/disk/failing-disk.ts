import { realDisk, type Disk } from '../../../src/state/disk.ts';

export type Step = Exclude<keyof Disk, 'close'>;

/** A real disk on which single steps fail when told to. `steps` counts every operation made. */
export class FailingDisk implements Disk {
  steps: Step[] = [];
  /** return an error to fail this operation; `index` counts all operations from 0 */
  fail: (step: Step, index: number) => Error | null = () => null;

  create = (path: string) => this.#runStep('create', () => realDisk.create(path));
  append = (path: string) => this.#runStep('append', () => realDisk.append(path));
  rename = (from: string, to: string) => this.#runStep('rename', () => realDisk.rename(from, to));
  remove = (path: string) => this.#runStep('remove', () => realDisk.remove(path));
  close = (fd: number) => realDisk.close(fd);
  sync = async (fd: number) => this.#runStep('sync', () => realDisk.sync(fd));
  syncDirectory = async (path: string) => this.#runStep('syncDirectory', () => realDisk.syncDirectory(path));

  /** A failed write leaves half of its bytes, as a full disk does. */
  write = (fd: number, bytes: Uint8Array): void => {
    try {
      this.#check('write');
    } catch (error) {
      realDisk.write(fd, bytes.subarray(0, bytes.length >> 1));
      throw error;
    }
    realDisk.write(fd, bytes);
  };

  #runStep<T>(step: Step, run: () => T): T {
    this.#check(step);
    return run();
  }

  #check(step: Step): void {
    const error = this.fail(step, this.steps.length);
    this.steps.push(step);
    if (error) throw error;
  }
}

export function makeDiskError(code: 'ENOSPC' | 'EIO'): Error {
  return Object.assign(new Error(`${code}: planted`), { code });
}
