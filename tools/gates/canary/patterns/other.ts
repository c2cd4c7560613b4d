/** The same rule again, and a short expression that may stand anywhere. */
export const isName = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/.test(text) && !/^\d+$/.test(text);
