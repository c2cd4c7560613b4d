// expect: gatehouse(mcp-method-is-named) METHOD
export const isPing = (method: string): boolean => method === 'ping';
