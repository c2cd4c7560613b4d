// expect: eslint(no-restricted-imports)
import { createServer } from 'http';
export { createServer };
