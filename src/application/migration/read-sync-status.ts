import type { StreamReport } from '../../domain/events/stream-report.ts'
import type { Channel } from '../../domain/events/user-event.ts'
import { isSameMode } from '../../domain/migration/sync-mode.ts'
import { secondsBetween } from '../../domain/shared/instants.ts'
import type { Deliveries } from '../../ports/driven/events/deliveries.ts'
import type { ConsumerReports } from '../../ports/driven/events/event-consumers.ts'
import type {
  ChannelFigures,
  ReadChannelFigures,
} from '../../ports/driven/migration/channel-statistics.ts'
import type { SyncModes, SyncState } from '../../ports/driven/migration/sync-modes.ts'
import type { Clock } from '../../ports/driven/shared/clock.ts'
import type {
  ChannelStatus,
  GuardStatus,
  ReadSyncStatus,
} from '../../ports/driving/migration/sync-mode.ts'

type Needs = {
  readonly syncModes: SyncModes
  readonly deliveries: Pick<Deliveries, 'backlog'>
  /** The channels with whether each could be used now. */
  readonly legs: ReadonlyMap<Channel, { isReady(): boolean }>
  readonly readFigures: ReadChannelFigures
  /** As last listed. */
  readonly consumerReports: Pick<ConsumerReports, 'latest'>
  /** As last looked at; the first is the stream of user events. */
  readonly streamReports: () => readonly StreamReport[]
  readonly guardStatus: () => GuardStatus
  readonly clock: Clock
}

/** See `ReadSyncStatus`. */
export const makeReadSyncStatus = (needs: Needs): ReadSyncStatus => {
  const { syncModes, deliveries, legs, readFigures, consumerReports, clock } = needs

  const channelStatus = async (
    channel: Channel,
    state: SyncState,
    figures: ChannelFigures,
  ): Promise<ChannelStatus> => {
    const { pending, parked, oldestPendingAt } = await deliveries.backlog(channel)
    return {
      ...{ channel, state: stateOf(channel, state, legs.get(channel)?.isReady() ?? false) },
      ...{ pending, parked, figures },
      oldestPendingSeconds:
        oldestPendingAt === null ? null : Math.max(0, secondsBetween(oldestPendingAt, clock())),
    }
  }

  return async () => {
    const state = await syncModes.read()
    const { settings } = await syncModes.surroundings()
    const figuresOf = await readFigures()
    const statusOf = (channel: Channel) => channelStatus(channel, state, figuresOf(channel))
    return {
      ...{ state, settingsIgnored: settings !== null && !isSameMode(settings, state) },
      consumers: (await consumerReports.latest()) ?? [],
      guard: needs.guardStatus(),
      channels: await Promise.all([...legs.keys()].map(statusOf)),
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
