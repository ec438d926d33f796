import type {
  DeleteAccountRefusal,
  RegisterRefusal,
  UpdateProfileRefusal,
} from '../../../ports/driving/accounts/accounts.ts'
import type {
  ContinueLinkRefusal,
  ExchangeRefusal,
  FinishOAuthRefusal,
  StartLinkRefusal,
  StartOAuthRefusal,
  UnlinkIdentityRefusal,
} from '../../../ports/driving/oauth/oauth.ts'
import type { ChangePasswordRefusal } from '../../../ports/driving/passwords/passwords.ts'
import type {
  EndSession,
  Reauthenticate,
  RefreshRefusal,
  SignInRefusal,
} from '../../../ports/driving/sessions/sessions.ts'
import { invalidFields, weakPassword } from './invalid-fields.ts'
import type { Problem, ProblemCode } from './problems.ts'
import { INVALID_TOKEN } from './problems.ts'

type RefusalOf<UseCase extends (...args: never[]) => Promise<unknown>> =
  Extract<Awaited<ReturnType<UseCase>>, { readonly ok: false }> extends {
    readonly refusal: infer R
  }
    ? R
    : never

type Refusal =
  | RegisterRefusal
  | SignInRefusal
  | RefreshRefusal
  | UpdateProfileRefusal
  | DeleteAccountRefusal
  | ChangePasswordRefusal
  | StartOAuthRefusal
  | FinishOAuthRefusal
  | ExchangeRefusal
  | StartLinkRefusal
  | ContinueLinkRefusal
  | UnlinkIdentityRefusal
  | RefusalOf<Reauthenticate>
  | RefusalOf<EndSession>

/** Refusals whose problem has more than a code: the field that is wrong, or a header. */
type DetailedRefusal = 'invalid-request' | 'weak-password' | 'session-ended'

/** A kind that a use case adds has no problem until somebody chooses one: the compiler asks for it. */
const CODE_OF = {
  'bad-credentials': 'bad-credentials',
  'email-taken': 'email-taken',
  'identity-taken': 'identity-taken',
  'idempotency-key-reused': 'idempotency-key-reused',
  'invalid-grant': 'invalid-grant',
  'invalid-id-token': 'invalid-id-token',
  'invalid-oauth-state': 'invalid-oauth-state',
  'invalid-redirect-uri': 'invalid-redirect-uri',
  'invalid-refresh-token': 'invalid-refresh-token',
  'last-admin': 'last-admin',
  'last-sign-in-method': 'last-sign-in-method',
  'not-found': 'not-found',
  'provider-failed': 'provider-failed',
  'provider-timeout': 'provider-timeout',
  'recent-login-required': 'recent-login-required',
  'request-in-progress': 'request-in-progress',
  'too-many-attempts': 'too-many-attempts',
  'unknown-provider': 'unknown-provider',
  'username-taken': 'username-taken',
  'version-mismatch': 'version-mismatch',
  'wrong-password': 'wrong-password',
} as const satisfies Record<Exclude<Refusal['kind'], DetailedRefusal>, ProblemCode>

/** What a client is told about a refusal of any use case. */
export const problemOf = (refusal: Refusal): Problem => {
  if (refusal.kind === 'invalid-request') return invalidFields(refusal)
  if (refusal.kind === 'weak-password') return weakPassword(refusal)
  if (refusal.kind === 'session-ended') return INVALID_TOKEN
  const code = CODE_OF[refusal.kind]
  return 'retryAfterSeconds' in refusal
    ? { code, retryAfterSeconds: refusal.retryAfterSeconds }
    : { code }
}
