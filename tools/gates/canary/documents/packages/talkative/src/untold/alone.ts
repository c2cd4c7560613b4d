export const untold = true;
