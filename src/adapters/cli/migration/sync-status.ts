import { describeMode } from '../../../domain/migration/sync-mode.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import type {
  ChannelStatus,
  ReadSyncStatus,
  SyncStatus,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { consumerLines } from './sync-report.ts'

/** Which channel Backend follows, and what each channel still has to deliver. */
export const syncStatus = async ({
  readSyncStatus,
}: {
  readonly readSyncStatus: ReadSyncStatus
}): Promise<CommandOutcome> => ({
  exitCode: EXIT.ok,
  lines: statusLines(await readSyncStatus()),
})

const statusLines = ({
  state,
  settingsIgnored,
  channels,
  consumers,
}: SyncStatus): readonly string[] => [
  `Mode: ${describeMode(state)}, epoch ${state.epoch}, since ${state.changedAt.toISOString()}`,
  `  by ${state.changedBy}: ${state.reason}`,
  ...(state.heldUntil === null
    ? []
    : [
        `  The rollout guard allows no step towards events until ${state.heldUntil.toISOString()}.`,
      ]),
  ...(state.armed
    ? ['  Standby calls are sent now, because events cannot be delivered or are late.']
    : []),
  ...(settingsIgnored
    ? ['  The settings name another mode. They only count for a new installation.']
    : []),
  ...channels.map(channelLine),
  ...consumerLines({ consumers }),
]

const channelLine = ({
  channel,
  pending,
  parked,
  oldestPendingSeconds,
  statistics,
}: ChannelStatus): string => {
  const oldest =
    oldestPendingSeconds === null ? '' : `, the oldest for ${oldestPendingSeconds.toFixed(1)} s`
  const took = statistics.p95Ms === null ? '' : `; p95 ${statistics.p95Ms} ms`
  return `${channel}: ${pending} pending${oldest}; ${parked} parked${took}`
}
