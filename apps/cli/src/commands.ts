import type { Command } from './command.ts';
import { backup } from './commands/backup.ts';
import { configCheck } from './commands/config-check.ts';
import { doctor } from './commands/doctor.ts';
import { keysGenerate } from './commands/keys-generate.ts';
import { migrateCommand } from './commands/migrate.ts';
import { restore } from './commands/restore.ts';
import { tenantCreate } from './commands/tenant-create.ts';
import { tenantExport } from './commands/tenant-export.ts';
import { tenantResume, tenantSuspend } from './commands/tenant-standing.ts';
import { userInvite } from './commands/user-invite.ts';
import { userReset } from './commands/user-reset.ts';

/** Every command, in the order in which an installation needs them. */
export const COMMANDS: readonly Command[] = [
  keysGenerate,
  migrateCommand,
  configCheck,
  tenantCreate,
  userInvite,
  userReset,
  tenantSuspend,
  tenantResume,
  tenantExport,
  backup,
  restore,
  doctor,
];
