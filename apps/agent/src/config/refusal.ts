import type { ConfigErrorCode } from '@gatehouse/protocol/messages';

import { describeDiskError, type StateDir } from '../state/state-dir.ts';

/** A pushed or stored configuration is not used; the message goes to the console. */
export class ConfigRefused extends Error {
  override readonly name = 'ConfigRefused';
  readonly code: ConfigErrorCode;

  constructor(code: ConfigErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The refusal of what the disk does not take. */
export function createStorageRefusal(error: unknown, { path }: StateDir): ConfigRefused {
  return new ConfigRefused('storage', `It could not be stored. ${describeDiskError(error, path)}`, { cause: error });
}
