import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import { watchProcesses } from '../../tests/load/run/watch-processes.ts'
import { profiledFigures } from '../figures/all-figures.ts'
import { temporaryFolder } from '../installation/processes.ts'
import { makeServers } from '../installation/servers.ts'
import { openTestBed } from '../installation/test-bed.ts'
import { measureMachine } from '../measurement/bare-machine.ts'
import type { Figure } from '../measurement/figure.ts'
import { readRunConditions } from '../report/run-conditions.ts'
import { countStatements } from './count-statements.ts'
import { profilePage } from './profile-page.ts'
import type { CpuProfile, Interval } from './summarize-profile.ts'
import { summarizeProfile } from './summarize-profile.ts'

const FOLDER = 'bench/profiles'

/**
 * `bun run bench profile <figure> [--out <folder>]`: measures our side of one figure while Bun samples the service and
 * PostgreSQL counts its statements. It writes `<figure>.md` for readers and `<figure>.cpuprofile` for the developer tools of
 * a browser, and prints the page.
 * @throws Error with the names of all figures, when the words fit none or several.
 */
export const runProfile = async (args: readonly string[]): Promise<void> => {
  const at = args.indexOf('--out')
  const folder = at === -1 ? join(ROOT, FOLDER) : resolve(args[at + 1] ?? FOLDER)
  const words = (at === -1 ? args : args.toSpliced(at, 2)).join(' ')
  const conditions = readRunConditions()
  const servers = makeServers()
  const profiles = temporaryFolder()
  const testBed = openTestBed(servers, {
    BUN_OPTIONS: `--cpu-prof --cpu-prof-dir=${profiles}`,
  })
  const figure = figureNamed(words, profiledFigures(testBed))
  const counts = await countStatements(await servers.postgres())
  const bareMachine = await measureMachine(servers)
  console.error(`measuring ${figure.name}`)
  const side = await figure.ours.open()
  if (typeof counts !== 'string') await counts.reset()
  const watch = watchProcesses()
  const from = Date.now()
  for (let round = 0; round < figure.rounds; round += 1) await side.measure()
  const interval = { from, until: Date.now() }
  const used = watch.stop()
  const statements = typeof counts === 'string' ? counts : await counts.read()
  await side.close()
  await testBed.close()
  if (typeof counts !== 'string') await counts.close()
  const { text, profile } = await readProfile(profiles, interval)
  const { name, ours } = figure
  const page = profilePage({
    figure: name,
    ours: ours.name,
    bareMachine,
    conditions,
    used,
    profile,
    statements,
  })
  const path = join(folder, name.replaceAll(/\W+/g, '-'))
  await mkdir(folder, { recursive: true })
  await writeFile(`${path}.cpuprofile`, text)
  await writeFile(`${path}.md`, page)
  console.log(page)
  console.log(`Written: ${path}.md and ${path}.cpuprofile`)
}

/** The figure with this name, or the only one whose name contains it. @throws Error with all names otherwise. */
export const figureNamed = <F extends Pick<Figure, 'name'>>(
  words: string,
  figures: readonly F[],
): F => {
  const exact = figures.find(({ name }) => name === words)
  const fitting = exact === undefined ? figures.filter(({ name }) => name.includes(words)) : [exact]
  const [found] = fitting
  if (found !== undefined && fitting.length === 1 && words !== '') return found
  throw new Error(
    `${words === '' ? 'profile needs the name of a figure' : `'${words}' fits ${fitting.length} figures`}. ` +
      `The figures that can be profiled are:\n${figures.map(({ name }) => `  ${name}`).join('\n')}`,
  )
}

/** Reads the profile that the service wrote when it stopped. */
const readProfile = async (folder: string, interval: Interval) => {
  const [file, ...others] = await readdir(folder)
  if (file === undefined || others.length > 0)
    throw new Error(`one instance of the service should have written a profile: ${folder}`)
  const text = await readFile(join(folder, file), 'utf8')
  const parsed: CpuProfile = JSON.parse(text)
  return { text, profile: summarizeProfile(parsed, interval, ROOT) }
}
