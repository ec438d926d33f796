import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import manifest from '../../package.json' with { type: 'json' }
import { ROOT } from '../../scripts/repository.ts'

/** Where and with which versions a run was made. Figures of different conditions cannot be compared. */
export type RunConditions = {
  readonly date: string
  readonly commit: string
  readonly machine: string
  /** The load average of the minute before the run: processes that ran or waited for a core. */
  readonly loadBefore: number
  readonly versions: Readonly<Record<string, string>>
}

const { dependencies } = manifest
/** The packages whose speed shows in the figures. */
const PACKAGES = [
  'elysia',
  'srvx',
  'drizzle-orm',
  'postgres',
  'ioredis',
  'nats',
  '@electric-sql/pglite',
  '@node-rs/argon2',
] as const

export const readRunConditions = (): RunConditions => ({
  date: new Date().toISOString(),
  commit: commit(),
  machine: [
    cpus()[0]?.model ?? 'unknown processor',
    `${availableParallelism()} cores`,
    `${Math.round(totalmem() / 2 ** 30)} GiB`,
    `${type()} ${release()}`,
  ].join(', '),
  loadBefore: loadavg()[0] ?? 0,
  versions: {
    bun: process.versions.bun ?? '',
    ...Object.fromEntries(PACKAGES.map((name) => [name, dependencies[name]])),
  },
})

const commit = (): string =>
  execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
