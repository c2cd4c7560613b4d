// expect: eslint(no-restricted-imports)
import * as https from 'node:https';
export const listener = https.createServer();
