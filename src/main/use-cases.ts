import type { UseCases } from '../adapters/http/public-api.ts'
import type { Measurements } from '../adapters/telemetry/metrics.ts'
import { makeChooseUsername } from '../application/accounts/choose-username.ts'
import { makeDeleteAccount } from '../application/accounts/delete-account.ts'
import { makeReadProfile } from '../application/accounts/read-profile.ts'
import { makeRegisterUser } from '../application/accounts/register-user.ts'
import { makeUpdateProfile } from '../application/accounts/update-profile.ts'
import { makeCreateAdmin } from '../application/administration/create-admin.ts'
import { makeDiscardEvents } from '../application/events/dead-letters/discard-events.ts'
import { makeListDeadLetters } from '../application/events/dead-letters/list-dead-letters.ts'
import { makeRedriveDeadLetters } from '../application/events/dead-letters/redrive-dead-letters.ts'
import { makeDirectEvents } from '../application/events/direct-events.ts'
import { makePublishToConsumer } from '../application/events/publish-to-consumer.ts'
import { makeReadLedger } from '../application/events/read-ledger.ts'
import { makeRebaseEvents } from '../application/events/rebase-events.ts'
import { makeCountReplay, makeReplayEvents } from '../application/events/replay-events.ts'
import { makeChangeSyncMode } from '../application/migration/change-sync-mode.ts'
import { makeReadSyncStatus } from '../application/migration/read-sync-status.ts'
import { makeCheckHealth } from '../application/operations/check-health.ts'
import { makeChangePassword } from '../application/passwords/change-password.ts'
import { makeChoosePassword } from '../application/passwords/choose-password.ts'
import { makeConfirmPassword } from '../application/passwords/confirm-password.ts'
import { makeAuthenticate } from '../application/sessions/authenticate.ts'
import { makeEndSession, makeRevokeSession } from '../application/sessions/end-session.ts'
import { makeIssueTokens } from '../application/sessions/issue-tokens.ts'
import { makeListSessions } from '../application/sessions/list-sessions.ts'
import { makeCreateSession, makeOpenSession } from '../application/sessions/open-session.ts'
import { makeReauthenticate } from '../application/sessions/reauthenticate.ts'
import { makeRefreshSession } from '../application/sessions/refresh-session.ts'
import { makeSignIn } from '../application/sessions/sign-in.ts'
import { makeSignOut } from '../application/sessions/sign-out.ts'
import { makeSignOutEverywhere } from '../application/sessions/sign-out-everywhere.ts'
import type { Channel } from '../domain/events/user-event.ts'
import type { SessionLifetimes } from '../domain/sessions/session.ts'
import type { Confusables } from '../ports/driven/accounts/users.ts'
import type { DeadLetterCodec } from '../ports/driven/events/dead-letters.ts'
import type { UserEventCodec } from '../ports/driven/events/event-publisher.ts'
import type { Ledger } from '../ports/driven/events/ledger.ts'
import type { ReadPublishedUser, Rebases } from '../ports/driven/events/rebases.ts'
import type { Replays } from '../ports/driven/events/replays.ts'
import type { UserSnapshots } from '../ports/driven/events/user-snapshots.ts'
import type { Limiter } from '../ports/driven/limits/limiter.ts'
import type { HealthProbe } from '../ports/driven/operations/health-probe.ts'
import type { PasswordBlocklist, Passwords } from '../ports/driven/passwords/passwords.ts'
import type { AccessTokens } from '../ports/driven/sessions/access-tokens.ts'
import type { RefreshTokens } from '../ports/driven/sessions/refresh-tokens.ts'
import type { ReadSessionState, SessionStates } from '../ports/driven/sessions/session-states.ts'
import type { Clock, Monotonic, Pause } from '../ports/driven/shared/clock.ts'
import type { Macs } from '../ports/driven/shared/digest.ts'
import type { Identifiers } from '../ports/driven/shared/identifiers.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'
import type { CreateAdmin } from '../ports/driving/administration/administration.ts'
import type {
  CountEvents,
  CountSnapshot,
  SendEvents,
  SendSnapshot,
} from '../ports/driving/events/direct-events.ts'
import type { CountReplay, DiscardEvents, RebaseEvents } from '../ports/driving/events/events.ts'
import type { ReadSyncStatus } from '../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../ports/driving/migration/sync-report.ts'
import type { ForConsumers } from './broker.ts'
import type { OAuthSide } from './oauth-use-cases.ts'
import { makeOAuthUseCases } from './oauth-use-cases.ts'

type SyncSide = Parameters<typeof makeReadSyncStatus>[0] &
  Pick<Parameters<typeof makeChangeSyncMode>[0], 'versionGuard' | 'announceMode'>

/** Everything that some use case needs from the outside. */
export type DrivenSide = OAuthSide &
  SyncSide &
  ForConsumers & {
    readonly stores: Stores
    readonly transact: Transact
    readonly readSessionState: ReadSessionState
    readonly states: SessionStates
    readonly ledger: Ledger
    readonly replays: Replays
    /** The channels that events are delivered on. */
    readonly channels: readonly Channel[]
    readonly reportOn: (readSyncStatus: ReadSyncStatus) => ReportSync
    readonly wakeRelay: () => void
    readonly snapshots: UserSnapshots
    readonly rebases: Rebases
    readonly readPublishedUser: ReadPublishedUser
    readonly deadLetterCodec: DeadLetterCodec
    readonly codec: UserEventCodec
    readonly limiter: Limiter
    readonly passwords: Passwords
    readonly blocklist: PasswordBlocklist
    readonly confusables: Confusables
    readonly accessTokens: AccessTokens
    readonly refreshTokens: RefreshTokens
    readonly identifiers: Identifiers
    readonly macs: Macs
    readonly probes: {
      readonly db: HealthProbe
      readonly redis: HealthProbe
      readonly nats: HealthProbe
    }
    readonly log: Log
    readonly measurements: Measurements
    readonly clock: Clock
    readonly monotonic: Monotonic
    readonly pause: Pause
    readonly lifetimes: SessionLifetimes
    readonly minimumLength: number
    readonly serviceNames: readonly string[]
  }

/** What the owner alone can do, on the machine itself. */
export type OwnerUseCases = {
  readonly createAdmin: CreateAdmin
  readonly countReplay: CountReplay
  readonly discardEvents: DiscardEvents
  readonly sendSnapshot: SendSnapshot
  readonly countSnapshot: CountSnapshot
  readonly sendEvents: SendEvents
  readonly countEvents: CountEvents
  readonly rebaseEvents: RebaseEvents
}

/** Every use case, and nothing else: the list of what this service does. */
export const makeUseCases = (driven: DrivenSide): UseCases & OwnerUseCases => {
  const { stores, clock } = driven
  const createSession = makeCreateSession(driven)
  const issueTokens = makeIssueTokens(driven)
  const readSyncStatus = makeReadSyncStatus(driven)
  const shared = {
    ...driven,
    publishToConsumer: makePublishToConsumer(driven),
    users: stores.users,
    choosePassword: makeChoosePassword(driven),
    chooseUsername: makeChooseUsername(driven.confusables),
    createSession,
    issueTokens,
    openSession: makeOpenSession({ ...driven, createSession, issueTokens }),
    confirmPassword: makeConfirmPassword(driven),
    revokeSession: makeRevokeSession(driven),
  }
  return {
    registerUser: makeRegisterUser(shared),
    signIn: makeSignIn(shared),
    refreshSession: makeRefreshSession(shared),
    signOut: makeSignOut(shared),
    signOutEverywhere: makeSignOutEverywhere(shared),
    reauthenticate: makeReauthenticate(shared),
    authenticate: makeAuthenticate(shared),
    listSessions: makeListSessions(stores.sessions, clock),
    endSession: makeEndSession(shared.revokeSession),
    readProfile: makeReadProfile(stores.users),
    updateProfile: makeUpdateProfile(shared),
    deleteAccount: makeDeleteAccount(shared),
    changePassword: makeChangePassword(shared),
    createAdmin: makeCreateAdmin(shared),
    readLedger: makeReadLedger(driven.ledger),
    replayEvents: makeReplayEvents(shared),
    countReplay: makeCountReplay(shared),
    discardEvents: makeDiscardEvents(shared),
    ...makeOAuthUseCases(shared),
    readSyncStatus,
    reportSync: driven.reportOn(readSyncStatus),
    changeSyncMode: makeChangeSyncMode(shared),
    listDeadLetters: makeListDeadLetters(shared),
    redriveDeadLetters: makeRedriveDeadLetters(shared),
    ...makeDirectEvents(shared),
    rebaseEvents: makeRebaseEvents(shared),
    checkHealth: makeCheckHealth(driven.probes),
  }
}
