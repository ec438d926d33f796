import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { endEverything, endOnSignals } from '../tests/support/processes/at-the-end.ts'
import { removeRunFolder } from '../tests/support/processes/run-folder.ts'
import { openJournal } from './rehearsal/journal.ts'
import { keepNothing } from './rehearsal/keep-alive.ts'
import { legsOverTime } from './rehearsal/legs-over-time.ts'
import { drawPicture } from './rehearsal/picture.ts'
import { play } from './rehearsal/play.ts'
import { writeReport } from './rehearsal/report.ts'
import { setStage } from './rehearsal/stage.ts'
import { ROOT } from './repository.ts'

/**
 * `bun run rehearse` plays the move from calls to events and back on this machine, with servers, two instances and three
 * consumers of its own, in about three minutes. Any of its processes may be killed meanwhile: it is started again, and the
 * report tells what came of it.
 */
const PLAN = { people: 200, perSecond: 200, stageSeconds: 14, awaySeconds: 15 }
const FOLDER = join(ROOT, '.data')

endOnSignals(removeRunFolder)
try {
  const journal = openJournal()
  const stage = await setStage(journal)
  const findings = await play(stage, journal, PLAN)
  const report = writeReport(findings)
  mkdirSync(FOLDER, { recursive: true })
  writeFileSync(join(FOLDER, 'rehearsal.md'), report)
  writeFileSync(join(FOLDER, 'rehearsal.html'), drawPicture(findings, await legsOverTime(stage)))
  console.log(`\n${report}\nThe same with a chart: ${join(FOLDER, 'rehearsal.html')}`)
  process.exitCode = findings.checks.every(({ holds }) => holds) ? 0 : 1
} catch (fault) {
  console.error(fault)
  process.exitCode = 1
} finally {
  keepNothing()
  await endEverything()
  removeRunFolder()
  process.exit()
}
