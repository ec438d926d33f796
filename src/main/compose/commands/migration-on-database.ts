import type { SyncUseCases } from '../../../adapters/cli/migration/on-database.ts'
import { makeIdentifiers } from '../../../adapters/platform/identifiers.ts'
import { pause } from '../../../adapters/platform/pause.ts'
import type { Database } from '../../../adapters/postgres/driver/database.ts'
import { openPostgres } from '../../../adapters/postgres/driver/open-postgres.ts'
import { makeDeliveries } from '../../../adapters/postgres/events/deliveries.ts'
import { makeSyncModes } from '../../../adapters/postgres/migration/sync-modes.ts'
import { makeStores } from '../../../adapters/postgres/stores.ts'
import { makeChangeSyncMode } from '../../../application/migration/change-sync-mode.ts'
import { makeReadSyncStatus } from '../../../application/migration/read-sync-status.ts'
import { EXIT } from '../../../domain/operations/exit-codes.ts'
import { faultLine } from '../../../domain/shared/fault-line.ts'
import { Unavailable } from '../../../domain/shared/unavailable.ts'
import type { CommandOutcome } from '../../../ports/driving/operations/owner-commands.ts'
import { readDatabaseUrl, readReportConfig } from '../../config/command-config.ts'
import { readEnvironment, refuseProblems } from '../../config/load-config.ts'
import type { TellInstallation } from '../../lifecycle/tell-installation.ts'
import { composeReport, composeStatistics } from '../migration.ts'

/** Works on the mode with nothing but the address of the database. Null where no server is named. */
export const withDatabase = async (
  tell: TellInstallation,
  work: (useCases: SyncUseCases) => Promise<CommandOutcome>,
): Promise<CommandOutcome | null> => {
  const url = readEnvironment(readDatabaseUrl)
  if (!url.ok) return refuseProblems(url.refusal)
  if (url.value === null) return null
  tell.ofDatabase(url.value)
  const database = openPostgres({
    address: url.value.reveal(),
    applicationName: 'auth-sync',
    poolSize: 2,
  })
  try {
    return await work(await composeSyncUseCases(database))
  } catch (fault) {
    if (fault instanceof WrongSettings) return refuseProblems(fault.problems)
    if (!(fault instanceof Unavailable)) throw fault
    const reason = faultLine(fault.cause ?? fault)
    return {
      exitCode: EXIT.unavailable,
      lines: [`The database cannot be used now: ${reason}. Nothing was changed.`],
    }
  } finally {
    await database.close()
  }
}

/** The settings that a report needs beside the address of the database are wrong. */
class WrongSettings extends Error {
  constructor(readonly problems: readonly string[]) {
    super(problems.join('; '))
  }
}

const clock = () => new Date()

const composeSyncUseCases = async (database: Database): Promise<SyncUseCases> => {
  const syncModes = makeSyncModes(database)
  const { channels } = await syncModes.deployment()
  const { audit } = makeStores(database, {
    channels,
    traceId: () => null,
    onCommitted: () => {},
    monotonic: () => performance.now(),
  })
  const readSyncStatus = makeReadSyncStatus({
    syncModes,
    deliveries: makeDeliveries(database),
    senders: new Map(channels.map((channel) => [channel, { isReady: () => true }])),
    ...composeStatistics(database),
    streamReports: () => [],
    rolloutGuardStatus: () => ({ state: 'idle', breaches: 0 }),
    clock,
  })
  return {
    readSyncStatus,
    reportSync: async () => {
      const config = readEnvironment(readReportConfig)
      if (!config.ok) throw new WrongSettings(config.refusal)
      const needs = { compareTimeoutMs: null, clock, pause }
      return composeReport(config.value, database, readSyncStatus, needs)()
    },
    changeSyncMode: makeChangeSyncMode({
      syncModes,
      stores: { audit },
      identifiers: makeIdentifiers(() => null),
      versionGuard: null,
      announceMode: () => {},
      log: () => {},
      clock,
    }),
  }
}
