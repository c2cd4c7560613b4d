// expect: gatehouse(authorisation-keeps-its-names) know authorize by its name
const authorize = (): void => undefined;

export const get = (): void => authorize();
