import { describeMode } from '../../domain/migration/sync-mode.ts'
import type { ChannelStatus, SyncStatus } from '../../ports/driving/migration/sync-mode.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { EXIT } from '../exit-codes.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'
import { consumerLines } from './sync-report.ts'

/** Says which leg leads to Backend, and what each still has to deliver. */
export const syncStatus = async ({
  readSyncStatus,
}: Pick<OwnerCommandNeeds, 'readSyncStatus'>): Promise<CommandOutcome> => ({
  exitCode: EXIT.ok,
  lines: toldOf(await readSyncStatus()),
})

const toldOf = ({ state, settingsIgnored, channels, consumers }: SyncStatus): readonly string[] => [
  `Mode: ${describeMode(state)}, epoch ${state.epoch}, since ${state.changedAt.toISOString()}`,
  `  by ${state.changedBy}: ${state.reason}`,
  ...(state.heldUntil === null
    ? []
    : [`  The guard holds it until ${state.heldUntil.toISOString()}.`]),
  ...(state.armed ? ['  Calls that stand by go now, because events cannot.'] : []),
  ...(settingsIgnored ? ['  The settings say another mode, and are ignored.'] : []),
  ...channels.map(lineOf),
  ...consumerLines({ consumers }),
]

const lineOf = ({
  channel,
  pending,
  parked,
  oldestPendingSeconds,
  statistics: figures,
}: ChannelStatus): string => {
  const oldest =
    oldestPendingSeconds === null ? '' : `, the oldest for ${oldestPendingSeconds.toFixed(1)} s`
  const took = figures.p95Ms === null ? '' : `; 95 of 100 within ${figures.p95Ms} ms`
  return `${channel}: ${pending} wait${oldest}; ${parked} set aside${took}`
}
