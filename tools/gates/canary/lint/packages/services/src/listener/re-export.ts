// expect: eslint(no-restricted-imports)
export { createServer } from 'node:net';
