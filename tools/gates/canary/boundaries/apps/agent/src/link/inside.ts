export const inside = 'link';
