// expect: eslint(no-restricted-imports)
import http2 from 'node:http2';
export { http2 };
