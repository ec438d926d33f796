import { readdirSync, readFileSync } from 'node:fs'
import { treeOf } from '../../support/processes/native/process-tree.ts'

/** What all processes of one program used during a run. */
export type Used = {
  /** Processor time divided by the duration of the run: 1 is one core that was always busy. */
  readonly cores: number
  readonly firstMegabytes: number
  readonly lastMegabytes: number
  readonly firstOpenFiles: number
  readonly lastOpenFiles: number
}

/** The counters of a process at one instant. */
type Reading = { readonly ticks: number; readonly megabytes: number; readonly openFiles: number }
type Watched = { readonly program: string; readonly first: Reading; last: Reading }

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096
const INTERVAL_MS = 1000
const NOTHING: Reading = { ticks: 0, megabytes: 0, openFiles: 0 }

/** Watches this process and all that it has started, until `stop`. It works on Linux only. Elsewhere the result is empty. */
export const watchProcesses = () => {
  const startedAt = performance.now()
  const watched = new Map<number, Watched>()
  const readAll = (isFirst: boolean): void => {
    if (process.platform !== 'linux') return
    for (const pid of treeOf(process.pid)) {
      const reading = readProcess(pid)
      const known = watched.get(pid)
      const program = known?.program ?? programOf(pid)
      if (reading === null || program === null) continue
      if (known !== undefined) known.last = reading
      else {
        // A process that was started during the run has used no processor time before it.
        const first = isFirst ? reading : { ...reading, ticks: 0 }
        watched.set(pid, { program, first, last: reading })
      }
    }
  }
  readAll(true)
  const timer = setInterval(() => readAll(false), INTERVAL_MS)
  return {
    stop: (): Readonly<Record<string, Used>> => {
      clearInterval(timer)
      readAll(false)
      const seconds = (performance.now() - startedAt) / 1000
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

const sumOf = (all: readonly Watched[], when: 'first' | 'last'): Reading =>
  all.reduce(
    (sum, { [when]: reading }) => ({
      ticks: sum.ticks + reading.ticks,
      megabytes: sum.megabytes + reading.megabytes,
      openFiles: sum.openFiles + reading.openFiles,
    }),
    NOTHING,
  )

const usedOver = (first: Reading, last: Reading, seconds: number): Used => ({
  cores: Math.round(((last.ticks - first.ticks) / TICKS_PER_SECOND / seconds) * 1000) / 1000,
  firstMegabytes: Math.round(first.megabytes),
  lastMegabytes: Math.round(last.megabytes),
  firstOpenFiles: first.openFiles,
  lastOpenFiles: last.openFiles,
})

const readProcess = (pid: number): Reading | null => {
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
  ['programs/twin.ts', 'twin'],
  ['observer/main.ts', 'observer'],
  ['programs/caller.ts', 'callers'],
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
