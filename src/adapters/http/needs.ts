import type { Log } from '../../ports/driven/shared/log.ts'
import type {
  ChangePassword,
  DeleteAccount,
  ReadProfile,
  RegisterUser,
  UpdateProfile,
} from '../../ports/driving/accounts/accounts.ts'
import type {
  ListDeadLetters,
  RedriveDeadLetters,
} from '../../ports/driving/events/dead-letters.ts'
import type { ReadLedger, ReplayEvents } from '../../ports/driving/events/events.ts'
import type { ChangeSyncMode, ReadSyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../ports/driving/migration/sync-report.ts'
import type {
  AskForLink,
  ContinueLink,
  ExchangeCode,
  FinishOAuth,
  ListIdentities,
  ListProviders,
  StartOAuth,
  UnlinkIdentity,
} from '../../ports/driving/oauth/oauth.ts'
import type { CheckHealth } from '../../ports/driving/operations/health.ts'
import type {
  EndSession,
  ListSessions,
  Reauthenticate,
  RefreshSession,
  SignIn,
  SignOut,
  SignOutEverywhere,
} from '../../ports/driving/sessions/sessions.ts'
import type { Authenticate } from '../../ports/driving/sessions/user-context.ts'
import type { CorsOrigins } from './edge/cross-origin.ts'

/** Everything that the public routes ask the application for. */
export type UseCases = {
  readonly registerUser: RegisterUser
  readonly signIn: SignIn
  readonly refreshSession: RefreshSession
  readonly signOut: SignOut
  readonly signOutEverywhere: SignOutEverywhere
  readonly reauthenticate: Reauthenticate
  readonly readProfile: ReadProfile
  readonly updateProfile: UpdateProfile
  readonly deleteAccount: DeleteAccount
  readonly changePassword: ChangePassword
  readonly listSessions: ListSessions
  readonly endSession: EndSession
  readonly authenticate: Authenticate
  readonly listProviders: ListProviders
  readonly startOAuth: StartOAuth
  readonly finishOAuth: FinishOAuth
  readonly exchangeCode: ExchangeCode
  readonly askForLink: AskForLink
  readonly continueLink: ContinueLink
  readonly listIdentities: ListIdentities
  readonly unlinkIdentity: UnlinkIdentity
  readonly readLedger: ReadLedger
  readonly replayEvents: ReplayEvents
  readonly readSyncStatus: ReadSyncStatus
  readonly reportSync: ReportSync
  readonly changeSyncMode: ChangeSyncMode
  readonly listDeadLetters: ListDeadLetters
  readonly redriveDeadLetters: RedriveDeadLetters
  readonly checkHealth: CheckHealth
}

/** Runs work with a W3C trace context in reach of whoever writes events and log lines. */
export type Trace = { run<T>(traceparent: string, work: () => T): T }

/** One served request for the metrics; `route` is a template, or `unmatched`. */
export type Observe = (route: string, method: string, status: number, seconds: number) => void

/** What both listeners need around their routes. */
export type EdgeNeeds = {
  readonly log: Log
  readonly trace: Trace
  readonly observe: Observe
}

export type HealthNeeds = {
  readonly checkHealth: CheckHealth
  /** False while the service is starting or stopping. */
  readonly isReady: () => boolean
  readonly settings: { readonly version: string; readonly startedAt: Date }
}

export type PublicApiSettings = {
  readonly production: boolean
  readonly publicUrl: string
  readonly issuer: string
  /** Whether /docs and /openapi.json are served. */
  readonly docs: boolean
  readonly trustedProxyHops: number
  readonly corsOrigins: CorsOrigins
  readonly version: string
  readonly startedAt: Date
  /** Where /metrics is served: also here, or on the management port only. */
  readonly metrics: 'public' | 'management'
}

export type PublicApiNeeds = UseCases &
  EdgeNeeds & {
    /** The public keys as a JWK set (RFC 7517 §5). */
    readonly jwks: () => object
    /** The published event schemas by version: `v1`, `v2`. */
    readonly schemas: Readonly<Record<string, object>>
    readonly isReady: () => boolean
    readonly metricsText: () => Promise<string>
    readonly settings: PublicApiSettings
  }

/** The address of the connection; null where the runtime does not tell. */
export type Peer = { readonly address: string | null }
