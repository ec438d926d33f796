import type { SigningKeys } from '../adapters/crypto/signing-keys.ts'
import type { Peer } from '../adapters/http/edge/edge.ts'
import type { Result } from '../domain/shared/result.ts'
import type { Log } from '../ports/driven/shared/log.ts'
import type { RunOwnerCommand } from '../ports/driving/operations/owner-commands.ts'
import type { RefreshKey } from './config/refresh-keys.ts'
import type { Secret } from './config/secret.ts'
import type { Config } from './config.ts'
import type { Refusal } from './exit-codes.ts'
import type { OwnKeys } from './key-file.ts'
import type { ScheduledTask } from './scheduler.ts'

/** What stands before anything is composed: taken from the configuration, else from the data directory. */
export type Ground = {
  readonly config: Config
  /** The folder of the embedded database, or `memory:`. */
  readonly databasePath: string
  readonly signingKeys: SigningKeys
  readonly refreshKeys: readonly RefreshKey[]
  /** Where the signing keys came from and where changed ones go; null when the operator keeps them (JWT_KEYS). */
  readonly keyFile: KeyFile | null
  /** What owner commands on the management port have to show; null switches them off. */
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
  /** Makes the schema fit this version, where that is not the owner's to do. Nothing is changed when it is refused. */
  migrate(): Promise<Result<MigrationReport, SchemaRefusal>>
  readonly runCommand: RunOwnerCommand
  /** Housekeeping for the scheduler. */
  readonly scheduledTasks: readonly ScheduledTask[]
  /** From here on `/health/ready` answers 200, and the relay delivers. */
  becomeReady(): void
  /** `/health/ready` answers 503 again; everything else works on. */
  becomeUnready(): void
  /** Ends the relay, then closes the stores. To be called once no request is left; can be called again. */
  stop(): Promise<void>
}

export type SchemaRefusal =
  | { readonly kind: 'newer-schema' }
  /** Only where this program may not migrate by itself. */
  | { readonly kind: 'older-schema' }
  | { readonly kind: 'no-database'; readonly reason: string }
  /** The mode that holds calls Backend, and nobody says where that is. */
  | { readonly kind: 'no-receiver'; readonly mode: string }

export type MigrationReport = { readonly applied: readonly string[] }

/** Refused when something is missing that this start cannot do without. */
export type Compose = (ground: Ground) => Promise<Result<Composition, Refusal>>
