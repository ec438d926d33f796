/** One kind of refusal or fault as clients see it. Its code is released and keeps its meaning; the texts may be reworded. */
export type ProblemKind = {
  readonly status: number
  readonly title: string
  readonly meaning: string
  /** What a client does about it. */
  readonly remedy: string
}

/** Every problem that this service can answer with, by code. docs/errors.md is generated from this table. */
export const PROBLEMS = {
  'invalid-json': {
    status: 400,
    title: 'Not JSON',
    meaning: 'The body is not a single JSON value in UTF-8.',
    remedy: 'Send the output of a JSON serialiser, without a byte order mark.',
  },
  'invalid-host': {
    status: 400,
    title: 'Host not valid',
    meaning:
      'The header `Host` occurs twice, or is not a host name or IP address with an optional port.',
    remedy: 'Send one `Host`, as HTTP clients do. A proxy in front must not join or invent hosts.',
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
      'The access token has expired or was not issued by this service, its session has ended, or its user is deleted or inactive.',
    remedy:
      'Refresh the tokens once and repeat the request. If the refresh is refused, sign in again.',
  },
  'bad-credentials': {
    status: 401,
    title: 'Sign-in refused',
    meaning:
      'No active account has this identifier and this password. The answer does not say which of the two is wrong.',
    remedy: 'Ask the person again.',
  },
  'invalid-refresh-token': {
    status: 401,
    title: 'Refresh token not accepted',
    meaning: 'The refresh token is unknown, already used or expired, or its session has ended.',
    remedy: 'Discard both tokens and sign in again.',
  },
  forbidden: {
    status: 403,
    title: 'Not allowed',
    meaning: 'The signed-in user may not do this.',
    remedy: 'Do not repeat the request. A user with the needed role can send it.',
  },
  'origin-not-allowed': {
    status: 403,
    title: 'Origin not allowed',
    meaning:
      'The request has a refresh cookie, but no `Origin` header, or its origin is not in CORS_ORIGINS.',
    remedy:
      'Ask the operator to add the origin to CORS_ORIGINS, or send the refresh token in the body.',
  },
  'recent-login-required': {
    status: 403,
    title: 'Recent sign-in required',
    meaning: 'The last sign-in or reauthentication of this session is more than five minutes ago.',
    remedy:
      'Ask for the password, POST it to /v1/auth/reauthenticate, and repeat the request. If the account has no password, sign in through the provider again.',
  },
  'wrong-password': {
    status: 403,
    title: 'Wrong password',
    meaning:
      'The password that was sent as confirmation is not the current one. The attempt counts against the limit.',
    remedy: 'Ask the person again.',
  },
  'not-found': {
    status: 404,
    title: 'Not found',
    meaning: 'Nothing exists at this address, or the caller may not see it.',
    remedy: 'Check the path and the id.',
  },
  'method-not-allowed': {
    status: 405,
    title: 'Method not allowed',
    meaning: 'The address exists but does not support this method.',
    remedy: 'Use one of the methods in the `Allow` header.',
  },
  'request-timeout': {
    status: 408,
    title: 'Request too slow',
    meaning: 'The body did not arrive completely within 15 seconds.',
    remedy: 'Repeat the request on a better connection.',
  },
  'email-taken': {
    status: 409,
    title: 'Email address taken',
    meaning: 'An account with this email address already exists.',
    remedy: 'Offer the person to sign in instead.',
  },
  'last-admin': {
    status: 409,
    title: 'Last administrator',
    meaning: 'The request would leave the service without an active administrator.',
    remedy: 'Make another user an administrator first.',
  },
  'request-in-progress': {
    status: 409,
    title: 'Request in progress',
    meaning: 'An earlier request with this Idempotency-Key is still running.',
    remedy:
      'Wait for the number of seconds in `Retry-After`, then repeat the request with the same key.',
  },
  'username-taken': {
    status: 409,
    title: 'Username taken',
    meaning: 'Another account has this username, or one that looks the same.',
    remedy: 'Ask for another username.',
  },
  'version-mismatch': {
    status: 412,
    title: 'Version mismatch',
    meaning: 'The resource has changed: its version is not one that `If-Match` names.',
    remedy: 'Read the resource again, decide again, and send its new `ETag` as `If-Match`.',
  },
  'content-too-large': {
    status: 413,
    title: 'Body too large',
    meaning: 'The body is larger than 16 KiB.',
    remedy: 'Send a smaller body.',
  },
  'unsupported-media-type': {
    status: 415,
    title: 'Content type not supported',
    meaning: 'The content type is not `application/json` in UTF-8, or the body is compressed.',
    remedy: 'Send `Content-Type: application/json` and no `Content-Encoding`.',
  },
  'idempotency-key-reused': {
    status: 422,
    title: 'Idempotency key reused',
    meaning:
      'An earlier request for the same email address, but with a different body, used this Idempotency-Key.',
    remedy: 'Make a new key for each new request. Use a key again only to repeat the same body.',
  },
  'invalid-request': {
    status: 422,
    title: 'Invalid request',
    meaning:
      'Fields of the body, headers or query parameters are not valid. `errors` lists all of them, a weak password too. The status is 400 when the request starts a sign-in through a provider.',
    remedy:
      'Show each error at its field, and correct the places that `errors` names. Programs may rely on the codes in `errors`, but not on the wording.',
  },
  'weak-password': {
    status: 422,
    title: 'Password not accepted',
    meaning:
      'The password is too short, too long, commonly used, or made of names. `errors` says which of these applies.',
    remedy: 'Show the reason and ask for another password.',
  },
  'too-many-attempts': {
    status: 429,
    title: 'Too many attempts',
    meaning:
      'There were too many attempts. Until the limit ends, a correct password is refused too.',
    remedy: 'Wait for the number of seconds in `Retry-After`, then repeat the request.',
  },
  'internal-error': {
    status: 500,
    title: 'Internal error',
    meaning: 'The service failed. Its log has the cause under the `traceId`.',
    remedy: 'Repeat the request later. If it keeps failing, report the `traceId` to the operator.',
  },
  unavailable: {
    status: 503,
    title: 'Unavailable',
    meaning:
      'The service is starting, stopping or overloaded, or cannot reach a server that it needs.',
    remedy: 'Wait for the number of seconds in `Retry-After`, then repeat the request.',
  },

  // Changing the mode of the migration.
  'mode-not-allowed': {
    status: 409,
    title: 'Mode not allowed now',
    meaning: 'The requested mode is not possible now. `errors` says why.',
    remedy:
      'Do what `errors` asks for. A receiver that gets changes over both channels must drop old versions (`UPDATE … WHERE version < $new`) and must send `x-sync-guard: version` in its answers.',
  },
  'snapshot-needed': {
    status: 409,
    title: 'Snapshot needed',
    meaning:
      'No events were published for longer than the ledger keeps changes, so consumers have missed some changes for good.',
    remedy:
      'Send the consumers a snapshot, then repeat the request with `acceptGap: true`. Without the snapshot they do not know every change.',
  },
  'precondition-required': {
    status: 428,
    title: 'If-Match required',
    meaning:
      'The request has no `If-Match` header, so it does not say which version it wants to change.',
    remedy: 'Read the resource and send its `ETag` as `If-Match`. `*` accepts any version.',
  },

  // Signing in through a provider.
  'invalid-grant': {
    status: 400,
    title: 'Code not accepted',
    meaning:
      'The one-time code is unknown, expired, revoked or already used, or the state, redirect address or verifier is not the one that the sign-in started with. The code is invalid now. To link an identity, the session that asked for the link must exchange the code.',
    remedy: 'Start the sign-in again.',
  },
  'invalid-id-token': {
    status: 400,
    title: 'Provider not believed',
    meaning: 'The ID token of the provider failed a check. Nobody was signed in.',
    remedy: 'Start the sign-in again. If it keeps failing, tell the operator.',
  },
  'invalid-oauth-state': {
    status: 400,
    title: 'Sign-in not known',
    meaning:
      'This browser has not started this sign-in, or the sign-in took more than ten minutes, or it was completed before.',
    remedy: 'Start the sign-in again, and complete it in the same browser.',
  },
  'invalid-redirect-uri': {
    status: 400,
    title: 'Redirect address not registered',
    meaning:
      'The redirect address does not match any of OAUTH_REDIRECT_URIS character for character.',
    remedy:
      'Correct the redirect address, or ask the operator to register it. Only the port of a loopback address may differ.',
  },
  'unknown-provider': {
    status: 404,
    title: 'Unknown provider',
    meaning: 'This service does not offer sign-in through this provider.',
    remedy: 'Offer the providers that /v1/auth/providers lists.',
  },
  'identity-taken': {
    status: 409,
    title: 'Identity taken',
    meaning:
      'The identity is linked to another account, or this account has another identity of that provider.',
    remedy: 'Ask the person to unlink that other identity, or to sign in with it.',
  },
  'last-sign-in-method': {
    status: 409,
    title: 'Last way to sign in',
    meaning: 'This identity is the last way to sign in to the account.',
    remedy: 'First set a password or link another identity.',
  },
  'provider-failed': {
    status: 502,
    title: 'Provider failed',
    meaning: 'The provider could not be reached, or its answer was not valid.',
    remedy: 'Offer another way to sign in, or offer the same one again later.',
  },
  'provider-timeout': {
    status: 504,
    title: 'Provider too slow',
    meaning: 'The provider did not answer within five seconds.',
    remedy: 'Offer another way to sign in, or offer the same one again later.',
  },
} as const satisfies Record<string, ProblemKind>

export type ProblemCode = keyof typeof PROBLEMS

/** One place in a request that is not valid. It never contains a submitted value. */
export type FieldError = {
  /** JSON pointer into the body, as a URI fragment. Query parameters and headers are `#/<name>` too. */
  readonly pointer: string
  readonly code: string
  readonly detail: string
}

export type Problem = {
  readonly code: ProblemCode
  readonly errors?: readonly FieldError[]
  readonly retryAfterSeconds?: number
  /** Set when a route answers with a status other than the status of the code. */
  readonly status?: 400
  readonly headers?: Readonly<Record<string, string>>
}

/** The 401 for an access token that is not accepted (RFC 6750 §3.1). */
export const INVALID_TOKEN: Problem = {
  code: 'invalid-token',
  headers: { 'www-authenticate': 'Bearer error="invalid_token"' },
}
