export const inside = 'clients';
