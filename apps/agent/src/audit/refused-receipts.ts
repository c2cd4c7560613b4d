import { readdirSync } from 'node:fs';
import { join } from 'node:path';

import { makeFolders } from '@gatehouse/process/folders';
import type { LinkErrorCode } from '@gatehouse/protocol/messages';
import type { WrittenReceipt } from '@gatehouse/protocol/receipt';

import { type Disk, replaceFile } from '../state/disk.ts';

/** Further ones are counted and not kept: a hub that refuses everything must not fill the disk. */
const MAX_KEPT = 1_000;

/**
 * Receipts that the hub will never take, set aside so that the others go on: one file each, for the people of the site. The count is that of
 * the files, so it survives a restart.
 */
export class RefusedReceipts {
  readonly #directory: string;
  readonly #disk: Disk;
  #count: number;

  /** Makes the directory when there is none. Throws when it cannot be read. */
  constructor(directory: string, disk: Disk) {
    this.#directory = directory;
    this.#disk = disk;
    makeFolders(directory);
    this.#count = readdirSync(directory).filter((name) => name.endsWith('.json')).length;
  }

  getCount(): number {
    return this.#count;
  }

  /** Sets one aside. Durable when it resolves; rejects when the disk does not take it. */
  async keep(receipt: WrittenReceipt, code: LinkErrorCode): Promise<void> {
    this.#count += 1;
    if (this.#count > MAX_KEPT) return;
    await replaceFile(join(this.#directory, `${receipt.id}.json`), JSON.stringify({ code, receipt }), this.#disk);
  }
}
