import { describeMode } from '../../../domain/migration/sync-mode.ts'
import type {
  ChannelStatus,
  ReadSyncStatus,
  SyncStatus,
} from '../../../ports/driving/migration/sync-mode.ts'
import type { Cli, OwnerCommand } from '../shared/command.ts'
import { defineCommand } from '../shared/command.ts'
import { done } from '../shared/outcomes.ts'
import type { OnDatabase } from './on-database.ts'
import { askDatabase } from './on-database.ts'
import { consumerLines } from './sync-report.ts'

/** Which channel Backend follows, and what each channel still has to deliver. */
const readStatus: OwnerCommand<{ readonly readSyncStatus: ReadSyncStatus }> = {
  name: 'sync-status',
  requires: 'schema',
  run: async ({ readSyncStatus }) => {
    const status = await readSyncStatus()
    return done(status, ...statusLines(status))
  },
}

export const syncStatus = defineCommand({
  words: 'sync status',
  summary: 'which channel Backend follows, and the state of each channel',
  examples: ['sync status', 'sync status --json'],
  parts: [readStatus],
  declare: (command, cli: Cli & OnDatabase) =>
    command.action(cli.runs(() => askDatabase(cli, readStatus, {}))),
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
