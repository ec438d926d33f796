import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endEverything, endOnSignals } from '../../tests/support/processes/test-run/at-the-end.ts'
import { removeRunFolder } from '../../tests/support/processes/test-run/test-run.ts'
import { ROOT } from '../repository.ts'
import { latencyPerSecond } from './channel-latency.ts'
import { openInstallation } from './open-installation.ts'
import { writeReport } from './report.ts'
import { renderReportPage } from './report-page.ts'
import { runMigration } from './run-migration.ts'
import { stopSupervising } from './supervise.ts'
import { startTimeline } from './timeline.ts'

/**
 * `bun run rehearse` migrates an installation from HTTP calls to events and back, on this machine, in about three minutes.
 * It starts its own servers, two instances and three consumers. You may kill any of its processes meanwhile: the rehearsal
 * starts it again, and the report says what happened.
 */
const PLAN = { people: 200, perSecond: 200, stageSeconds: 14, outageSeconds: 15 }
const FOLDER = join(ROOT, '.data')

endOnSignals(removeRunFolder)
try {
  const timeline = startTimeline()
  const installation = await openInstallation(timeline)
  const findings = await runMigration(installation, timeline, PLAN)
  const report = writeReport(findings)
  const page = renderReportPage(findings, await latencyPerSecond(installation))
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'rehearsal.md'), report)
  writeFileSync(join(FOLDER, 'rehearsal.html'), page)
  console.log(`\n${report}\nThe same with a chart: ${join(FOLDER, 'rehearsal.html')}`)
  process.exitCode = findings.checks.every(({ holds }) => holds) ? 0 : 1
} catch (fault) {
  console.error(fault)
  process.exitCode = 1
} finally {
  stopSupervising()
  await endEverything()
  removeRunFolder()
  process.exit()
}
