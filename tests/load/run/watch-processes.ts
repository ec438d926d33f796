import { readdirSync, readFileSync } from 'node:fs'
import { treeOf } from '../../support/processes/process-tree.ts'

/** What all processes of one program used over a run. */
export type Used = {
  /** 1 for one core that was always busy. */
  readonly cores: number
  readonly firstMegabytes: number
  readonly lastMegabytes: number
  readonly firstOpenFiles: number
  readonly lastOpenFiles: number
}

type Look = { readonly ticks: number; readonly megabytes: number; readonly openFiles: number }
type Watched = { readonly program: string; readonly first: Look; last: Look }

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const EVERY_MS = 1000
const NOTHING: Look = { ticks: 0, megabytes: 0, openFiles: 0 }

/** Watches all that is started from here, until `stop`. Off Linux nothing is seen. */
export const watchProcesses = () => {
  const beganAt = performance.now()
  const watched = new Map<number, Watched>()
  const lookAround = (isFirst: boolean): void => {
    if (process.platform !== 'linux') return
    for (const pid of treeOf(process.pid)) {
      const look = lookAt(pid)
      const known = watched.get(pid)
      const program = known?.program ?? programOf(pid)
      if (look === null || program === null) continue
      if (known !== undefined) known.last = look
      // What came later began with nothing.
      else watched.set(pid, { program, first: isFirst ? look : { ...look, ticks: 0 }, last: look })
    }
  }
  lookAround(true)
  const timer = setInterval(() => lookAround(false), EVERY_MS)
  return {
    stop: (): Readonly<Record<string, Used>> => {
      clearInterval(timer)
      lookAround(false)
      const seconds = (performance.now() - beganAt) / 1000
      const programs = [...new Set([...watched.values()].map(({ program }) => program))]
      return Object.fromEntries(
        programs.map((program) => {
          const own = [...watched.values()].filter((one) => one.program === program)
          return [program, usedOver(sumOf(own, 'first'), sumOf(own, 'last'), seconds)]
        }),
      )
    },
  }
}

const sumOf = (all: readonly Watched[], when: 'first' | 'last'): Look =>
  all.reduce(
    (sum, { [when]: look }) => ({
      ticks: sum.ticks + look.ticks,
      megabytes: sum.megabytes + look.megabytes,
      openFiles: sum.openFiles + look.openFiles,
    }),
    NOTHING,
  )

const usedOver = (first: Look, last: Look, seconds: number): Used => ({
  cores: Math.round(((last.ticks - first.ticks) / TICKS_PER_SECOND / seconds) * 100) / 100,
  firstMegabytes: Math.round(first.megabytes),
  lastMegabytes: Math.round(last.megabytes),
  firstOpenFiles: first.openFiles,
  lastOpenFiles: last.openFiles,
})

const lookAt = (pid: number): Look | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
    return {
      ticks: Number(fields[11]) + Number(fields[12]),
      megabytes: (Number(resident) * PAGE_BYTES) / 1e6,
      openFiles: readdirSync(`/proc/${pid}/fd`).length,
    }
  } catch {
    return null
  }
}

const PROGRAMS: readonly (readonly [part: string, program: string])[] = [
  ['src/main/bun.ts', 'service'],
  ['observer/main.ts', 'observer'],
  ['postgres', 'postgres'],
  ['redis-server', 'redis'],
  ['nats-server', 'nats'],
  ['k6', 'k6'],
]

const programOf = (pid: number): string | null => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return PROGRAMS.find(([part]) => words.includes(part))?.[1] ?? null
  } catch {
    return null
  }
}
