// expect: eslint(no-restricted-imports)
export const listen = async () => (await import('node:http')).createServer();
