import { z } from 'zod';

import { PROCESS_NAMES, type ProcessName } from '@gatehouse/db/process-roles';

import type { Option } from '../command.ts';

/** Which processes' environment is looked at; all of them when none is named. */
export const PROCESS_OPTION: Readonly<Record<string, Option>> = {
  process: { value: 'NAME', help: `look at this process alone: ${PROCESS_NAMES.join(', ')}`, many: true },
};

export const ProcessInput = z
  .array(z.enum(PROCESS_NAMES))
  .default([...PROCESS_NAMES])
  .transform((names): ProcessName[] => [...new Set(names)]);
