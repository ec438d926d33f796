/** One kind of refusal or fault as clients see it. `code` is contract; titles and meanings may be reworded. */
export type ProblemKind = {
  readonly status: number
  readonly title: string
  readonly meaning: string
  /** What a client does about it. */
  readonly remedy: string
}

/** Every problem that this service can answer with, by code. docs/errors.md is made from it. */
export const PROBLEMS = {
  'invalid-json': {
    status: 400,
    title: 'Not JSON',
    meaning: 'The body is not one JSON text in UTF-8.',
    remedy: 'Send what a JSON serialiser makes, without a byte order mark.',
  },
  unauthenticated: {
    status: 401,
    title: 'Not signed in',
    meaning: 'The request carries no access token.',
    remedy: 'Sign in, then send `Authorization: Bearer <access token>`.',
  },
  'invalid-token': {
    status: 401,
    title: 'Access token not accepted',
    meaning:
      'The access token is expired or not ours, its session has ended, or its user is gone or inactive.',
    remedy: 'Refresh once and repeat; sign in again when the refresh is refused.',
  },
  'bad-credentials': {
    status: 401,
    title: 'Sign-in refused',
    meaning:
      'No active account has this identifier with this password. Which of them is wrong is not told.',
    remedy: 'Ask the person again.',
  },
  'invalid-refresh-token': {
    status: 401,
    title: 'Refresh token not accepted',
    meaning: 'The refresh token is unknown, spent or expired, or its session has ended.',
    remedy: 'Forget both tokens and sign in again.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    meaning: 'The signed-in user may not do this.',
    remedy: 'Do not repeat it; somebody with the needed role can.',
  },
  'origin-not-allowed': {
    status: 403,
    title: 'Origin not allowed',
    meaning: 'A refresh cookie came without an Origin, or from one that is not listed.',
    remedy: 'Have the origin added to CORS_ORIGINS, or send the refresh token in the body.',
  },
  'recent-login-required': {
    status: 403,
    title: 'Recent sign-in required',
    meaning: 'The last proof of identity in this session is older than five minutes.',
    remedy:
      'Ask for the password, POST it to /v1/auth/reauthenticate, and repeat; without a password, sign in through the provider again.',
  },
  'wrong-password': {
    status: 403,
    title: 'Wrong password',
    meaning: 'The password given to confirm is not the current one. The attempt counts.',
    remedy: 'Ask the person again.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    meaning: 'There is nothing at this address, or nothing that the caller may know of.',
    remedy: 'Check the path and the id.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The address exists but does not take this method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request too slow',
    meaning: 'The body did not arrive whole within 15 seconds.',
    remedy: 'Repeat the request on a better connection.',
  },
  'email-taken': {
    status: 409,
    title: 'Email address taken',
    meaning: 'An account with this address exists.',
    remedy: 'Offer to sign in instead.',
  },
  'last-admin': {
    status: 409,
    title: 'Last administrator',
    meaning: 'It would leave the service without an active administrator.',
    remedy: 'Make somebody else an administrator first.',
  },
  'request-in-progress': {
    status: 409,
    title: 'Request in progress',
    meaning: 'An earlier request with this Idempotency-Key has not ended yet.',
    remedy: 'Wait for the seconds in `Retry-After` and repeat with the same key.',
  },
  'username-taken': {
    status: 409,
    title: 'Username taken',
    meaning: 'The username is in use, or cannot be told apart from one that is.',
    remedy: 'Ask for another one.',
  },
  'version-mismatch': {
    status: 412,
    title: 'Version mismatch',
    meaning: 'What was to be changed has another version by now than `If-Match` names.',
    remedy: 'Read it again, decide again, and send the new `ETag`.',
  },
  'content-too-large': {
    status: 413,
    title: 'Body too large',
    meaning: 'The body has more than 16 KiB.',
    remedy: 'Send less.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Content type not supported',
    meaning: 'The body is not `application/json` in UTF-8, or it is compressed.',
    remedy: 'Send `Content-Type: application/json` and no `Content-Encoding`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    meaning: 'The Idempotency-Key was used for another request before.',
    remedy: 'Make a new key for each new request; repeat one only with the same body.',
  },
  'invalid-request': {
    status: 422,
    title: 'Invalid request',
    meaning:
      'The body, a header or the query does not hold what it should; `errors` says where. The status is 400 where a sign-in through a provider begins.',
    remedy: 'Correct the named places. Codes in `errors` are contract, wording is not.',
  },
  'weak-password': {
    status: 422,
    title: 'Password not accepted',
    meaning:
      'The password is too short or too long, well known, or made of names; `errors` says which.',
    remedy: 'Ask for another one, and show the reason.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    meaning: 'A limit on attempts was reached. A right password is refused as well meanwhile.',
    remedy: 'Wait for the seconds in `Retry-After`.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'The service failed. The cause is in its log under the `traceId`.',
    remedy: 'Repeat later; report the `traceId` when it stays.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning: 'The service is starting, stopping, overloaded, or cannot reach what it needs.',
    remedy: 'Repeat after the seconds in `Retry-After`.',
  },

  // Changing the mode of the migration.
  'mode-not-allowed': {
    status: 409,
    title: 'Mode not allowed now',
    meaning: 'Events and calls cannot be shared out like that at present; `errors` says why not.',
    remedy:
      'Do what `errors` asks for. A receiver that takes two paths must drop old versions (`UPDATE … WHERE version < $new`) and say so with `x-sync-guard: version` in its answers.',
  },
  'snapshot-needed': {
    status: 409,
    title: 'Snapshot needed',
    meaning:
      'Consumers were told nothing for longer than changes are kept, so some are lost to them.',
    remedy:
      'Send them a snapshot and repeat with `acceptGap: true`; or accept that they do not know all.',
  },
  'precondition-required': {
    status: 428,
    title: 'If-Match required',
    meaning: 'The request does not say which version it wants to change.',
    remedy: 'Read what is to be changed, and send its `ETag` as `If-Match`; `*` for any version.',
  },

  // Signing in through a provider.
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

export type ProblemCode = keyof typeof PROBLEMS

/** One place in a request that does not hold what it should. Never a submitted value. */
export type FieldError = {
  /** JSON pointer into the body, as a fragment; `#/<name>` also for query parameters and headers. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

export type Problem = {
  readonly code: ProblemCode
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** Where a route answers with another status than the code has by itself. */
  readonly status?: 400
  readonly headers?: Readonly<Record<string, string>>
}
