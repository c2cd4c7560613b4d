// expect: eslint(no-restricted-imports)
import dgram from 'node:dgram';
export { dgram };
