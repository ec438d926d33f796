import type { Database } from '../adapters/postgres/driver/database.ts'
import { makeConsumerReports } from '../adapters/postgres/events/consumer-reports.ts'
import { makeChannelWindows } from '../adapters/postgres/migration/channel-windows.ts'
import { makeLatencies } from '../adapters/telemetry/latencies.ts'
import {
  makeReadChannelStatistics,
  withLatencies,
} from '../application/migration/channel-statistics.ts'
import type { DeliveryMeasurements } from '../ports/driven/events/delivery-measurements.ts'
import type { EventConsumers } from '../ports/driven/events/event-consumers.ts'
import type { SyncModes } from '../ports/driven/migration/sync-modes.ts'
import type { ScheduledTask } from './scheduler.ts'

const STREAM = 'USER_EVENTS'
const SHARE_SECONDS = 5
const LOOK_SECONDS = 10

/** The statistics of the channels and the consumers of the stream, from the database alone. */
export const readLegsMeasured = (database: Database) => ({
  readStatistics: makeReadChannelStatistics({
    latencies: makeLatencies(),
    windows: makeChannelWindows(database),
  }),
  consumerReports: makeConsumerReports(database, STREAM),
})

/** The same, and the tasks that add what this instance measures. */
export const measureLegs = (
  database: Database,
  consumers: EventConsumers | null,
  syncModes: Pick<SyncModes, 'noteDeployment'>,
) => {
  const [latencies, windows] = [makeLatencies(), makeChannelWindows(database)]
  const measured = readLegsMeasured(database)
  const look = async (listed: EventConsumers): Promise<void> => {
    const positions = await listed.list()
    await measured.consumerReports.note(positions)
    await syncModes.noteDeployment({ consumers: positions.map(({ name }) => name) })
  }
  return {
    ...measured,
    withLatencies: (measurements: DeliveryMeasurements) => withLatencies(measurements, latencies),
    tasks: [
      {
        name: 'leg-figures',
        everySeconds: SHARE_SECONDS,
        run: () => windows.keep(latencies.take()),
      },
      ...(consumers === null
        ? []
        : [{ name: 'event-consumers', everySeconds: LOOK_SECONDS, run: () => look(consumers) }]),
    ] satisfies readonly ScheduledTask[],
  }
}
