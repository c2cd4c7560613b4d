// expect: gatehouse(authorisation-keeps-its-names) know mutate by its name
export const load = async (): Promise<unknown> => {
  const { mutate: change } = await import('../audit/mutate.ts');
  return change;
};
