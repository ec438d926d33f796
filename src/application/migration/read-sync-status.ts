import type { StreamReport } from '../../domain/events/stream-report.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import type { ChannelStatistics } from '../../domain/migration/channel-statistics.ts'
import { isSameMode } from '../../domain/migration/sync-mode.ts'
import type { SyncState } from '../../domain/migration/sync-state.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import type { Deliveries } from '../../ports/driven/events/deliveries.ts'
import type { ConsumerReports } from '../../ports/driven/events/event-consumers.ts'
import type { ReadChannelStatistics } from '../../ports/driven/migration/channel-statistics.ts'
import type { SyncModes } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type {
  ChannelStatus,
  ReadSyncStatus,
  RolloutGuardStatus,
} from '../../ports/driving/migration/sync-mode.ts'

type Needs = {
  readonly syncModes: SyncModes
  readonly deliveries: Pick<Deliveries, 'backlog'>
  /** Each channel, and whether it can be used now. */
  readonly senders: ReadonlyMap<Channel, { isReady(): boolean }>
  readonly readStatistics: ReadChannelStatistics
  /** As last listed. */
  readonly consumerReports: Pick<ConsumerReports, 'latest'>
  /** As last looked at; the first is the stream of user events. */
  readonly streamReports: () => readonly StreamReport[]
  readonly rolloutGuardStatus: () => RolloutGuardStatus
  readonly clock: Clock
}

/** See `ReadSyncStatus`. */
export const makeReadSyncStatus = (needs: Needs): ReadSyncStatus => {
  const { syncModes, deliveries, senders, readStatistics, consumerReports, clock } = needs

  const channelStatus = async (
    channel: Channel,
    state: SyncState,
    statistics: ChannelStatistics,
  ): Promise<ChannelStatus> => {
    const { pending, parked, oldestPendingAt } = await deliveries.backlog(channel)
    return {
      channel,
      state: stateOf(channel, state, senders.get(channel)?.isReady() ?? false),
      pending,
      parked,
      statistics,
      oldestPendingSeconds:
        oldestPendingAt === null ? null : Math.max(0, secondsBetween(oldestPendingAt, clock())),
    }
  }

  return async () => {
    const state = await syncModes.read()
    const { settings } = await syncModes.deployment()
    const statisticsOf = await readStatistics()
    const statusOf = (channel: Channel) => channelStatus(channel, state, statisticsOf(channel))
    return {
      state,
      settingsIgnored: settings !== null && !isSameMode(settings, state),
      consumers: (await consumerReports.latest()) ?? [],
      rolloutGuard: needs.rolloutGuardStatus(),
      channels: await Promise.all([...senders.keys()].map(statusOf)),
      stream: needs.streamReports()[0]?.status ?? null,
    }
  }
}

const stateOf = (
  channel: Channel,
  { mode, dualWrite, armed }: SyncState,
  isReady: boolean,
): ChannelStatus['state'] => {
  if (channel !== 'http:backend') {
    if (mode === 'http') return 'silent'
    return isReady ? 'active' : 'unreachable'
  }
  if (mode === 'events' && !dualWrite && !armed) return 'standby'
  if (!isReady) return 'unreachable'
  return armed ? 'armed' : 'active'
}
