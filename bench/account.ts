/** The one account that the callers share; it exists on the service under test for the length of a run. */
export const ACCOUNT = {
  email: 'reader@bench.example',
  username: 'reader',
  password: 'six wide rivers, no bridge',
} as const
