export async function assertInvariants(..._all: unknown[]): Promise<void> {}
