import { makeBackendDigest } from '../adapters/legacy-http/backend-digest.ts'
import { pause } from '../adapters/platform/pause.ts'
import type { Database } from '../adapters/postgres/driver/database.ts'
import { makeSyncComparison } from '../adapters/postgres/migration/sync-comparison.ts'
import { makeSyncModes } from '../adapters/postgres/migration/sync-modes.ts'
import { makeCompareStates } from '../application/migration/compare-states.ts'
import { makeReportSync } from '../application/migration/report-sync.ts'
import type { ReadSyncStatus } from '../ports/driving/migration/sync-mode.ts'
import type { ReportSync } from '../ports/driving/migration/sync-report.ts'
import type { Config } from './config.ts'

export type ReportConfig = Pick<Config, 'backend'> & {
  readonly sync: Pick<Config['sync'], 'backendChannel' | 'p95LimitMs'>
}

/** A request over HTTP has to be answered before the runtime closes the connection, which is after 10 s. */
export const COMPARE_TIMEOUT_MS = 6000

/** What speaks for and against the next stage of moving over. */
export const openReport = (
  { backend, sync }: ReportConfig,
  database: Database,
  readSyncStatus: ReadSyncStatus,
  compareTimeoutMs: number | null,
): ReportSync => {
  const clock = () => new Date()
  const comparison = makeSyncComparison(database)
  const digestUrl = backend?.digestUrl ?? null
  const secrets = backend?.secrets.map((secret) => secret.reveal()) ?? []
  return makeReportSync({
    ...{ readSyncStatus, syncModes: makeSyncModes(database), comparison, clock, ...sync },
    ...{ compareTimeoutMs, pause },
    compareStates:
      digestUrl === null
        ? null
        : makeCompareStates({
            backendDigest: makeBackendDigest({ url: digestUrl, secrets, clock }),
            ...{ comparison, pause },
          }),
  })
}
