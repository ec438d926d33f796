import { figuresOn } from './figures.ts'
import { figuresTable, writeResults } from './results.ts'
import type { Measured } from './rounds.ts'
import { measureInRounds } from './rounds.ts'
import { readSetting } from './setting.ts'
import { openStage } from './stage.ts'

// `bun run bench` measures every figure beside its limit and writes the results; `bun run bench profile sign` only those
// whose names contain one of the words, and writes nothing. Exit code 1: a limit is missed.

const words = process.argv.slice(2)
const setting = readSetting()
const stage = await openStage()
const figures = figuresOn(stage).filter(
  ({ name }) => words.length === 0 || words.some((word) => name.includes(word)),
)
const measured: Measured[] = []
for (const figure of figures) {
  console.error(`measuring ${figure.name}`)
  measured.push(await measureInRounds(figure))
}
if (words.length === 0) await writeResults({ setting, figures: measured })
console.log(figuresTable(measured))
await Promise.all([stage.service.stop(), stage.bare.stop()])
process.exit(measured.every(({ held }) => held) ? 0 : 1)
