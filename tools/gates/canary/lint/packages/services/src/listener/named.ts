// expect: eslint(no-restricted-imports)
import { createServer } from 'node:http';
export { createServer };
