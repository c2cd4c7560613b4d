export const inside = 'call';
