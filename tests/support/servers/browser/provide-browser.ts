import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { installChromium } from '../provide/install-programs.ts'

/** Names the program to the processes that the test command starts, and may be set by whoever has one elsewhere. */
const VARIABLE = 'TEST_CHROMIUM'
const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'] as const

type Provided = {
  readonly path: string
  /** One line: which version, and where it comes from. */
  readonly way: string
  readonly environment: Readonly<Record<string, string>>
}

/** A Chromium: the one that is named, on the PATH, or else installed. Throws with what to install where there is none. */
export const provideBrowser = async (): Promise<Provided> => {
  const { path, from } = named() ?? onThePath() ?? (await installChromium()) ?? nowhere()
  const { stdout } = await promisify(execFile)(path, ['--version'])
  const version = /\d+(\.\d+)+/.exec(stdout)?.[0] ?? 'of an unknown version'
  return { path, way: `${version}, ${from}`, environment: { [VARIABLE]: path } }
}

const named = () => {
  const path = process.env[VARIABLE]
  return path === undefined ? null : { path, from: path }
}

const onThePath = () => {
  const path = NAMES.map((name) => Bun.which(name)).find((found) => found !== null)
  return path === undefined || path === null ? null : { path, from: path }
}

const nowhere = (): never => {
  throw new Error(
    [
      'A Chromium is needed for the tests: none is on the PATH, and only root on Debian can have it installed.',
      `Install chromium or Google Chrome, or set ${VARIABLE} to its program.`,
    ].join('\n'),
  )
}
