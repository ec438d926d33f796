import { endEverything, endOnSignals } from '../tests/support/processes/at-the-end.ts'
import { removeRunFolder } from '../tests/support/processes/run-folder.ts'
import { comparedWith } from './against.ts'
import { figuresOn } from './figures.ts'
import { figuresTable, writeResults } from './results.ts'
import type { Measured } from './rounds.ts'
import { measureInRounds } from './rounds.ts'
import { readSetting } from './setting.ts'
import { openStage } from './stage.ts'

// `bun run bench` measures every figure beside its limit and writes the results; `bun run bench profile sign` only those
// whose names contain one of the words, and writes nothing. `--against <results.json>` also tells what has changed since.
// Exit code 1: a limit is missed.

const main = async (args: readonly string[]): Promise<boolean> => {
  const at = args.indexOf('--against')
  const words = at === -1 ? args : args.toSpliced(at, 2)
  // Read before it may be written over.
  const compare = at === -1 ? null : await comparedWith(args[at + 1] ?? '')
  const stage = openStage()
  const setting = { ...readSetting(), servers: await stage.servers.versions() }
  const figures = figuresOn(stage).filter(
    ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
  )
  const measured: Measured[] = []
  for (const figure of figures) {
    console.error(`measuring ${figure.name}`)
    try {
      measured.push(await measureInRounds(figure))
    } catch (fault) {
      // The others are worth knowing all the same.
      console.error(`${figure.name} was not measured:`, fault)
    }
  }
  if (words.length === 0) await writeResults({ setting, figures: measured })
  console.log(figuresTable(measured))
  if (compare !== null) console.log(`\n${compare(measured)}`)
  await stage.close()
  return measured.length === figures.length && measured.every(({ held }) => held)
}

endOnSignals(removeRunFolder)
let held = false
try {
  held = await main(process.argv.slice(2))
} finally {
  await endEverything()
  removeRunFolder()
}
process.exit(held ? 0 : 1)
