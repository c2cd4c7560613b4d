// expect: eslint(no-restricted-imports)
import tls from 'node:tls';
export { tls };
