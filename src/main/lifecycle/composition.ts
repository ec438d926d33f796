import type { SigningKeys } from '../../adapters/crypto/signing-keys.ts'
import type { Peer } from '../../adapters/http/edge/edge.ts'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import type { ScheduledTask } from '../../ports/driven/operations/scheduled-task.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import type { RunOwnerCommand } from '../../ports/driving/operations/owner-commands.ts'
import type { Migrate } from '../../ports/driving/operations/schema.ts'
import type { Config } from '../config/config.ts'
import type { RefreshKey } from '../config/keys.ts'
import type { Secret } from '../config/secret.ts'
import type { OwnKeys } from './own-keys.ts'

/** What a service is composed from: its configuration, and the keys and the folder that go with it. */
export type Installation = {
  readonly config: Config
  /** The folder of the embedded database, or `memory:`. */
  readonly databasePath: string
  readonly signingKeys: SigningKeys
  readonly refreshKeys: readonly RefreshKey[]
  /** Where the signing keys are kept and changed; null when the operator keeps them (JWT_KEYS). */
  readonly keyFile: KeyFile | null
  /** What an owner's command on the management port must present; null switches these commands off. */
  readonly ownerToken: Secret | null
}

export type KeyFile = {
  read(): Promise<OwnKeys>
  write(keys: OwnKeys): Promise<void>
}

/** A listener's side of the service: answers every request, never throws. */
export type Api = { fetch(request: Request, peer: Peer): Promise<Response> }

/** The composed service: built, but neither migrated nor listening. */
export type Composition = {
  readonly log: Log
  readonly publicApi: Api
  readonly managementApi: Api
  readonly migrate: Migrate
  readonly runCommand: RunOwnerCommand
  readonly scheduledTasks: readonly ScheduledTask[]
  /** From here on `/health/ready` answers 200, and the relay delivers. */
  becomeReady(): void
  /** `/health/ready` answers 503 again; everything else works on. */
  becomeUnready(): void
  /**
   * Closes what was opened for the service, what was opened last first. To be called once no request is left; can be
   * called again.
   */
  stop(): Promise<void>
}

/** Refused when something is missing that this start cannot do without; nothing stays open then. */
export type Compose = (installation: Installation) => Promise<Result<Composition, Refusal>>
