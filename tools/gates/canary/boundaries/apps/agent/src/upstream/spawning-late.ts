// expect: agent-starts-processes-in-one-place child_process
export const start = async (command: string) => (await import('child_process')).spawn(command);
