import { execFile } from 'node:child_process'
import { existsSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../../scripts/repository.ts'

/** How k6 is started here: the words before its own. */
export type K6 = { readonly command: readonly string[]; readonly way: string }

const VERSION = 'v1.8.1'
const IMAGE = `grafana/k6:${VERSION.slice(1)}`
const BIN = join(ROOT, 'node_modules/.cache/k6', VERSION)

/** From the PATH, from Docker, or built by Go. Throws with what to install when there is no way. */
export const findK6 = async (environment: readonly string[]): Promise<K6> => {
  const here = Bun.which('k6')
  if (here !== null) return { command: [here], way: `${await versionOf(here)} from the PATH` }
  if (await succeeds('docker', ['pull', '--quiet', IMAGE]))
    return { command: inDocker(environment), way: `a container of ${IMAGE}` }
  const built = join(BIN, 'k6')
  if (!existsSync(built)) await build()
  if (existsSync(built)) return { command: [built], way: `${await versionOf(built)}, built by Go` }
  throw new Error(
    `k6 is needed for load: neither is it on the PATH, nor does Docker get ${IMAGE}, nor does \`go install\` build it.\n` +
      `Install k6 ${VERSION}, or Docker, or Go 1.25 or newer.`,
  )
}

/** On the network of this machine, since everything else is there too, and as whoever owns the reports. */
const inDocker = (environment: readonly string[]): readonly string[] => [
  ...[
    'docker',
    'run',
    '--rm',
    '--network',
    'host',
    '--volume',
    `${ROOT}:${ROOT}`,
    '--workdir',
    ROOT,
  ],
  ...(process.getuid === undefined ? [] : ['--user', String(process.getuid())]),
  ...environment.flatMap((name) => ['--env', name]),
  IMAGE,
]

const build = async (): Promise<void> => {
  mkdirSync(BIN, { recursive: true })
  console.log(`building k6 ${VERSION} with go install, which takes a minute or two`)
  await succeeds('go', ['install', `go.k6.io/k6@${VERSION}`], { GOBIN: BIN })
}

const versionOf = async (program: string): Promise<string> => {
  const { stdout } = await promisify(execFile)(program, ['version'])
  return stdout.split(' ').slice(0, 2).join(' ').trim()
}

const succeeds = async (
  program: string,
  args: readonly string[],
  more: Readonly<Record<string, string>> = {},
): Promise<boolean> => {
  try {
    await promisify(execFile)(program, args, { env: { ...process.env, ...more } })
    return true
  } catch {
    return false
  }
}
