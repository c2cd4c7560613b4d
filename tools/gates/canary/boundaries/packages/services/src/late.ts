// expect: services-import-no-network-module-late
export const listen = async () => (await import('node:net')).createServer();
