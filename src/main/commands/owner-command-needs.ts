import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { Result } from '../../domain/shared/result.ts'
import type { AuditTrail } from '../../ports/driven/audit/audit-trail.ts'
import type { Ledger } from '../../ports/driven/events/ledger.ts'
import type { Clock, Pause } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { CreateAdmin } from '../../ports/driving/administration/administration.ts'
import type {
  ListDeadLetters,
  RedriveDeadLetters,
} from '../../ports/driving/events/dead-letters.ts'
import type {
  CountEvents,
  CountSnapshot,
  SendEvents,
  SendSnapshot,
} from '../../ports/driving/events/direct-events.ts'
import type {
  CountReplay,
  DiscardEvents,
  RebaseEvents,
  ReplayEvents,
} from '../../ports/driving/events/events.ts'
import type { ChangeSyncMode, ReadSyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../../ports/driving/migration/sync-report.ts'
import type { StreamProvision } from '../broker.ts'
import type { KeyFile, MigrationReport, SchemaRefusal } from '../composition.ts'

export type SchemaState = 'current' | 'older' | 'newer'

export type OwnerCommandNeeds = {
  readonly createAdmin: CreateAdmin
  readonly replayEvents: ReplayEvents
  readonly countReplay: CountReplay
  readonly discardEvents: DiscardEvents
  readonly readSyncStatus: ReadSyncStatus
  readonly changeSyncMode: ChangeSyncMode
  readonly listDeadLetters: ListDeadLetters
  readonly redriveDeadLetters: RedriveDeadLetters
  readonly sendSnapshot: SendSnapshot
  readonly countSnapshot: CountSnapshot
  readonly sendEvents: SendEvents
  readonly countEvents: CountEvents
  readonly rebaseEvents: RebaseEvents
  readonly reportSync: ReportSync
  readonly ledger: Ledger
  /** Whether there is a connection to the broker now. */
  readonly isBrokerReachable: () => boolean
  /** Null where events stay in the process. */
  readonly streams: StreamProvision | null
  readonly migrate: () => Promise<Result<MigrationReport, SchemaRefusal>>
  readonly schemaState: () => Promise<SchemaState>
  readonly keyFile: KeyFile | null
  /** Puts a changed key set to use. */
  readonly replaceSigningKeys: (keys: SigningKeys) => Promise<void>
  readonly accessTokenSeconds: number
  readonly audit: AuditTrail
  readonly pause: Pause
  readonly clock: Clock
  readonly log: Log
}
