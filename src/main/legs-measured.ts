import type { Database } from '../adapters/postgres/driver/database.ts'
import { makeConsumerReports } from '../adapters/postgres/events/consumer-reports.ts'
import { makeLegWindows } from '../adapters/postgres/migration/channel-windows.ts'
import { makeLatencies } from '../adapters/telemetry/latencies.ts'
import {
  makeReadFigures,
  makeShareFigures,
  withLatencies,
} from '../application/migration/channel-statistics.ts'
import type { DeliveryMeasurements } from '../ports/driven/events/delivery-measurements.ts'
import type { EventConsumers } from '../ports/driven/events/event-consumers.ts'
import type { SyncModes } from '../ports/driven/migration/sync-modes.ts'
import type { ScheduledTask } from './scheduler.ts'

const STREAM = 'USER_EVENTS'
const SHARE_SECONDS = 5
const LOOK_SECONDS = 10

/** How the legs fare and who reads events, from the database alone. */
export const readLegsMeasured = (database: Database) => ({
  readFigures: makeReadFigures({ latencies: makeLatencies(), windows: makeLegWindows(database) }),
  consumerReports: makeConsumerReports(database, STREAM),
})

/** The same, with what this instance sees added. */
export const measureLegs = (
  database: Database,
  consumers: EventConsumers | null,
  syncModes: Pick<SyncModes, 'note'>,
) => {
  const [latencies, windows] = [makeLatencies(), makeLegWindows(database)]
  const measured = readLegsMeasured(database)
  const look = async (listed: EventConsumers): Promise<void> => {
    const positions = await listed.list()
    await measured.consumerReports.note(positions)
    await syncModes.note({ consumers: positions.map(({ name }) => name) })
  }
  return {
    ...measured,
    withLatencies: (measurements: DeliveryMeasurements) => withLatencies(measurements, latencies),
    tasks: [
      {
        name: 'leg-figures',
        everySeconds: SHARE_SECONDS,
        run: makeShareFigures({ latencies, windows }),
      },
      ...(consumers === null
        ? []
        : [{ name: 'event-consumers', everySeconds: LOOK_SECONDS, run: () => look(consumers) }]),
    ] satisfies readonly ScheduledTask[],
  }
}
