export const isSlug = (text: string): boolean => /^[a-z0-9][a-z0-9-]{0,39}$/.test(text);
