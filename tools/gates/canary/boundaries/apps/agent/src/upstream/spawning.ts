// expect: agent-starts-processes-in-one-place child_process
import { spawn } from 'node:child_process';

export const start = (command: string) => spawn(command);
