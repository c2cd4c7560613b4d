// expect: gatehouse(mcp-method-is-named) METHOD
export const isNew = (method: string): boolean => method === 'prompts/render';
