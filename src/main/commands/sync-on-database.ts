import process from 'node:process'
import { makeIdentifiers } from '../../adapters/platform/identifiers.ts'
import { openPostgres } from '../../adapters/postgres/driver/open-postgres.ts'
import { makeDeliveries } from '../../adapters/postgres/events/deliveries.ts'
import { makeSyncModes } from '../../adapters/postgres/migration/sync-modes.ts'
import { makeStores } from '../../adapters/postgres/stores.ts'
import { makeChangeSyncMode } from '../../application/migration/change-sync-mode.ts'
import { makeReadSyncStatus } from '../../application/migration/read-sync-status.ts'
import { Unavailable } from '../../domain/shared/unavailable.ts'
import type { CommandOutcome } from '../../ports/driving/operations/owner-commands.ts'
import { readDatabaseUrl } from '../config/database-url.ts'
import { readReportConfig } from '../config/report-config.ts'
import { readTextFile, refuseProblems } from '../configuration.ts'
import { EXIT } from '../exit-codes.ts'
import { readLegsMeasured } from '../legs-measured.ts'
import { describeFault } from '../print.ts'
import { openReport } from '../sync-reporting.ts'
import type { OwnerCommandNeeds } from './owner-command-needs.ts'

type SyncNeeds = Pick<OwnerCommandNeeds, 'readSyncStatus' | 'changeSyncMode' | 'reportSync'>

/**
 * Works on the mode with nothing but the address of the database: whoever has to go back in a hurry needs no keys, no
 * broker and no running service. Null where no server is named.
 */
export const onDatabaseAlone = async (
  work: (needs: SyncNeeds) => Promise<CommandOutcome>,
): Promise<CommandOutcome | null> => {
  const reading = readDatabaseUrl(process.env, readTextFile)
  if ('problems' in reading) return refuseProblems(reading.problems)
  if (reading.url === null) return null
  const database = openPostgres({
    url: reading.url.reveal(),
    ...{ applicationName: 'auth-sync', poolSize: 2 },
  })
  try {
    return await work(await syncNeeds(database))
  } catch (fault) {
    if (fault instanceof BadSettings) return refuseProblems(fault.problems)
    if (!(fault instanceof Unavailable)) throw fault
    const reason = describeFault(fault.cause ?? fault)
    return {
      exitCode: EXIT.unavailable,
      lines: [`The database cannot be used now: ${reason}. Nothing was changed.`],
    }
  } finally {
    await database.close()
  }
}

class BadSettings extends Error {
  constructor(readonly problems: readonly string[]) {
    super('settings')
  }
}

const clock = () => new Date()

const syncNeeds = async (database: ReturnType<typeof openPostgres>): Promise<SyncNeeds> => {
  const syncModes = makeSyncModes(database)
  const { channels } = await syncModes.deployment()
  const { audit } = makeStores(database, { channels, traceId: () => null, onCommitted: () => {} })
  const readSyncStatus = makeReadSyncStatus({
    ...{ syncModes, clock, deliveries: makeDeliveries(database) },
    senders: new Map(channels.map((channel) => [channel, { isReady: () => true }])),
    ...readLegsMeasured(database),
    streamReports: () => [],
    rolloutGuardStatus: () => ({ state: 'idle', breaches: 0 }),
  })
  return {
    readSyncStatus,
    reportSync: async () => {
      const reading = readReportConfig(process.env, readTextFile)
      if ('problems' in reading) throw new BadSettings(reading.problems)
      return openReport(reading.config, database, readSyncStatus, null)()
    },
    changeSyncMode: makeChangeSyncMode({
      ...{ syncModes, stores: { audit }, identifiers: makeIdentifiers(() => null), clock },
      ...{ versionGuard: null, announceMode: () => {}, log: () => {} },
    }),
  }
}
