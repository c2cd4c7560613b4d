// expect: gatehouse(mcp-method-is-named) METHOD
export const isCall = (method: string): boolean => method === 'tools' + '/call';
