/** `bun run test --long` sets this variable to `long`. */
export const TEST_LENGTH = 'TEST_LENGTH'

/** Some tests have a short form, for every commit, and a long one, which tries the same more often or for longer. */
export const isLongRun: boolean = process.env[TEST_LENGTH] === 'long'
