import { execFileSync } from 'node:child_process'
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os'
import manifest from '../package.json' with { type: 'json' }
import { ROOT } from '../scripts/repository.ts'

/** Where and with what a run was made: without it a figure cannot be compared with another. */
export type Setting = {
  readonly date: string
  readonly commit: string
  readonly machine: string
  /** Processes that waited for a core, over the minute before the run. */
  readonly loadBefore: number
  readonly versions: Readonly<Record<string, string>>
}

const { dependencies } = manifest
const PARTS = [
  ...(['elysia', 'srvx', 'drizzle-orm', 'postgres', 'ioredis', 'nats'] as const),
  ...(['@electric-sql/pglite', '@node-rs/argon2'] as const),
]

export const readSetting = (): Setting => ({
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
    ...Object.fromEntries(PARTS.map((name) => [name, dependencies[name]])),
  },
})

const commit = (): string =>
  execFileSync('git', ['describe', '--always', '--dirty'], { cwd: ROOT, encoding: 'utf8' }).trim()
