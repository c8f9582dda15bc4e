/** Tells whether a name may be a stack's: it stands in file names, addresses and commands. */
export const isStackName = (name: string): boolean => /^[A-Za-z0-9][\w.-]*$/.test(name);
