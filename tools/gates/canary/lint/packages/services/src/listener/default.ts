// expect: eslint(no-restricted-imports)
import http from 'node:http';
export const listener = http.createServer();
