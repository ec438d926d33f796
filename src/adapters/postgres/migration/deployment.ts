import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import type { Channel } from '../../../domain/events/user-event.ts'
import type { SyncMode, SyncModeName } from '../../../domain/migration/sync-mode.ts'
import type { Deployment, VersionGuard } from '../../../domain/migration/sync-state.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import { array } from '../driver/rows.ts'

export const DEPLOYMENT = sql`
  select settings_mode, settings_percent, settings_dual_write, has_receiver, to_jsonb(channels) as channels,
    receiver_guard, to_jsonb(consumers) as consumers
  from sync_surroundings`

export type DeploymentColumns = {
  readonly settings_mode: SyncModeName | null
  readonly settings_percent: unknown
  readonly settings_dual_write: boolean
  readonly has_receiver: boolean
  readonly channels: readonly Channel[]
  readonly receiver_guard: VersionGuard
  readonly consumers: readonly string[] | null
}

export const deploymentOf = ([row]: readonly DeploymentColumns[]): Deployment => {
  if (row === undefined) throw new Unavailable('the row of sync_surroundings is missing')
  return {
    settings: settingsOf(row),
    hasReceiver: row.has_receiver,
    channels: row.channels,
    guard: row.receiver_guard,
    consumers: row.consumers,
  }
}

const settingsOf = (row: DeploymentColumns): SyncMode | null =>
  row.settings_mode === null
    ? null
    : {
        mode: row.settings_mode,
        percent: Number(row.settings_percent),
        dualWrite: row.settings_dual_write,
      }

/** Updates the given parts; the others stay. */
export const updateDeployment = ({
  settings,
  hasReceiver,
  channels,
  guard,
  consumers,
}: Partial<Deployment>): SQL => {
  const list = (items: readonly string[] | null | undefined) =>
    items === undefined || items === null ? sql`null` : sql`${array(items)}::text[]`
  return sql`
    update sync_surroundings set
      settings_mode = coalesce(${settings?.mode ?? null}::text, settings_mode),
      settings_percent = coalesce(${settings?.percent ?? null}::integer, settings_percent),
      settings_dual_write = coalesce(${settings?.dualWrite ?? null}::boolean, settings_dual_write),
      has_receiver = coalesce(${hasReceiver ?? null}::boolean, has_receiver),
      channels = coalesce(${list(channels)}, channels),
      receiver_guard = coalesce(${guard ?? null}::text, receiver_guard),
      consumers = coalesce(${list(consumers)}, consumers)`
}
