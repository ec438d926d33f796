import type { UseCases } from '../adapters/http/needs.ts'
import { makeAddressConsumer } from '../application/address-consumer.ts'
import { makeAdmit } from '../application/admit.ts'
import { makeAuthenticate } from '../application/authenticate.ts'
import { makeBeginSession } from '../application/begin-session.ts'
import { makeChangePassword } from '../application/change-password.ts'
import { makeCheckHealth } from '../application/check-health.ts'
import { makeChoosePassword } from '../application/choose-password.ts'
import { makeChooseUsername } from '../application/choose-username.ts'
import { makeConfirmPassword } from '../application/confirm-password.ts'
import { makeCountReplay } from '../application/count-replay.ts'
import { makeCreateAdmin } from '../application/create-admin.ts'
import { makeDeleteAccount } from '../application/delete-account.ts'
import { makeDiscardEvents } from '../application/discard-events.ts'
import { makeEndOneSession } from '../application/end-one-session.ts'
import { makeEndSession } from '../application/end-session.ts'
import { makeIssueTokens } from '../application/issue-tokens.ts'
import { makeListDeadLetters } from '../application/list-dead-letters.ts'
import { makeListSessions } from '../application/list-sessions.ts'
import { makePublishPatiently } from '../application/publish-patiently.ts'
import { makeReadLedger } from '../application/read-ledger.ts'
import { makeReadProfile } from '../application/read-profile.ts'
import { makeReauthenticate } from '../application/reauthenticate.ts'
import { makeRebaseEvents } from '../application/rebase-events.ts'
import { makeRedriveDeadLetters } from '../application/redrive-dead-letters.ts'
import { makeRefreshSession } from '../application/refresh-session.ts'
import { makeRegisterUser } from '../application/register-user.ts'
import { makeReplayEvents } from '../application/replay-events.ts'
import { makeCountEvents, makeSendEvents } from '../application/send-events.ts'
import { makeCountSnapshot, makeSendSnapshot } from '../application/send-snapshot.ts'
import { makeSendToConsumer } from '../application/send-to-consumer.ts'
import { makeSignIn } from '../application/sign-in.ts'
import { makeSignOut } from '../application/sign-out.ts'
import { makeSignOutEverywhere } from '../application/sign-out-everywhere.ts'
import { makeChangeSyncMode } from '../application/sync/change-sync-mode.ts'
import { makeReadSyncStatus } from '../application/sync/read-sync-status.ts'
import { makeUpdateProfile } from '../application/update-profile.ts'
import type { SessionLifetimes } from '../domain/session.ts'
import type { Channel } from '../domain/user-event.ts'
import type { AccessTokens } from '../ports/driven/access-tokens.ts'
import type { Clock } from '../ports/driven/clock.ts'
import type { DeadLetterCodec } from '../ports/driven/dead-letter-codec.ts'
import type { HealthProbe } from '../ports/driven/health-probes.ts'
import type { Identifiers } from '../ports/driven/identifiers.ts'
import type { Ledger } from '../ports/driven/ledger.ts'
import type { Limiter } from '../ports/driven/limiter.ts'
import type { Log } from '../ports/driven/log.ts'
import type { Lookalikes } from '../ports/driven/lookalikes.ts'
import type { Macs } from '../ports/driven/macs.ts'
import type { Measurements } from '../ports/driven/measurements.ts'
import type { Monotonic } from '../ports/driven/monotonic.ts'
import type { PasswordBlocklist } from '../ports/driven/password-blocklist.ts'
import type { Passwords } from '../ports/driven/passwords.ts'
import type { Pause } from '../ports/driven/pause.ts'
import type { Rebases } from '../ports/driven/rebases.ts'
import type { RefreshTokens } from '../ports/driven/refresh-tokens.ts'
import type { Replays } from '../ports/driven/replays.ts'
import type { ReadSessionState, SessionStates } from '../ports/driven/session-states.ts'
import type { ReadToldUser } from '../ports/driven/told-users.ts'
import type { Stores, Transact } from '../ports/driven/transact.ts'
import type { UserEventCodec } from '../ports/driven/user-event-codec.ts'
import type { UserSnapshots } from '../ports/driven/user-snapshots.ts'
import type { CreateAdmin } from '../ports/driving/accounts.ts'
import type {
  CountEvents,
  CountSnapshot,
  SendEvents,
  SendSnapshot,
} from '../ports/driving/direct-events.ts'
import type { CountReplay, DiscardEvents } from '../ports/driving/events.ts'
import type { RebaseEvents } from '../ports/driving/rebase.ts'
import type { ReadSyncStatus } from '../ports/driving/sync.ts'
import type { ReportSync } from '../ports/driving/sync-report.ts'
import type { ForConsumers } from './broker.ts'
import type { OAuthSide } from './oauth-use-cases.ts'
import { makeOAuthUseCases } from './oauth-use-cases.ts'

type SyncSide = Parameters<typeof makeReadSyncStatus>[0] &
  Pick<Parameters<typeof makeChangeSyncMode>[0], 'receiverGuard' | 'announceMode'>

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
    /** The legs that events are delivered on. */
    readonly channels: readonly Channel[]
    readonly reportOn: (readSyncStatus: ReadSyncStatus) => ReportSync
    readonly wakeRelay: () => void
    readonly snapshots: UserSnapshots
    readonly rebases: Rebases
    readonly readToldUser: ReadToldUser
    readonly deadLetterCodec: DeadLetterCodec
    readonly codec: UserEventCodec
    readonly limiter: Limiter
    readonly passwords: Passwords
    readonly blocklist: PasswordBlocklist
    readonly lookalikes: Lookalikes
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
  const beginSession = makeBeginSession(driven)
  const issueTokens = makeIssueTokens(driven)
  const publishPatiently = makePublishPatiently(driven)
  const readSyncStatus = makeReadSyncStatus(driven)
  const shared = {
    ...driven,
    publishPatiently,
    addressConsumer: makeAddressConsumer(driven),
    sendToConsumer: makeSendToConsumer({ ...driven, publishPatiently }),
    users: stores.users,
    choosePassword: makeChoosePassword(driven),
    chooseUsername: makeChooseUsername(driven.lookalikes),
    beginSession,
    issueTokens,
    admit: makeAdmit({ ...driven, beginSession, issueTokens }),
    confirmPassword: makeConfirmPassword(driven),
    endOneSession: makeEndOneSession(driven),
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
    endSession: makeEndSession(shared.endOneSession),
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
    sendSnapshot: makeSendSnapshot(shared),
    countSnapshot: makeCountSnapshot(shared),
    sendEvents: makeSendEvents(shared),
    countEvents: makeCountEvents(shared),
    rebaseEvents: makeRebaseEvents(shared),
    checkHealth: makeCheckHealth(driven.probes),
  }
}
