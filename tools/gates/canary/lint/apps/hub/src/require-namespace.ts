// expect: gatehouse(import-is-written-out)
import * as modules from 'node:module';

export const load = modules.createRequire(import.meta.url);
