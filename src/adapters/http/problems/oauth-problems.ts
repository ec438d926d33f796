import type { ProblemKind } from './problem-kind.ts'

/** Those of signing in through a provider. */
export const OAUTH_PROBLEMS = {
  'invalid-grant': {
    status: 400,
    title: 'Code not accepted',
    meaning:
      'The one-time code is unknown, expired or spent, or came with another state, redirect address or verifier than it was asked for with. It is spent now. A link needs the session that asked for it.',
    remedy: 'Begin the sign-in anew.',
  },
  'invalid-id-token': {
    status: 400,
    title: 'Provider not believed',
    meaning:
      'What the provider signed about the person does not pass every check. Nobody was signed in.',
    remedy: 'Begin the sign-in anew; tell the operator when it stays.',
  },
  'invalid-oauth-state': {
    status: 400,
    title: 'Sign-in not known',
    meaning:
      'This browser has no such sign-in under way: it took more than ten minutes, was finished before, or began in another browser.',
    remedy: 'Begin the sign-in anew, and let it end in the browser that it began in.',
  },
  'invalid-redirect-uri': {
    status: 400,
    title: 'Redirect address not registered',
    meaning: 'The address to return to is not one of OAUTH_REDIRECT_URIS, character for character.',
    remedy: 'Have it registered, or correct it. Only the port of a loopback address may differ.',
  },
  'unknown-provider': {
    status: 404,
    title: 'Unknown provider',
    meaning: 'Nobody can sign in through this provider here.',
    remedy: 'Offer those of /v1/auth/providers.',
  },
  'identity-taken': {
    status: 409,
    title: 'Identity taken',
    meaning:
      'The identity opens another account, or this account has another one of that provider.',
    remedy: 'Have the person unlink the one that is in the way, or sign in by it.',
  },
  'last-sign-in-method': {
    status: 409,
    title: 'Last way to sign in',
    meaning: 'Without this identity nobody could sign in to the account any more.',
    remedy: 'Ask for a password, or link another identity, first.',
  },
  'provider-failed': {
    status: 502,
    title: 'Provider failed',
    meaning: 'The provider could not be reached, or did not answer as it should.',
    remedy: 'Offer another way to sign in, or the same a little later.',
  },
  'provider-timeout': {
    status: 504,
    title: 'Provider too slow',
    meaning: 'The provider did not answer within five seconds.',
    remedy: 'Offer another way to sign in, or the same a little later.',
  },
} as const satisfies Record<string, ProblemKind>
