import { readdirSync, readFileSync } from 'node:fs'
import { treeOf } from '../../support/servers/process-tree.ts'

/** What one program used over a run; `cores` is 1 for one core that was always busy. */
export type Used = {
  readonly cores: number
  /** Resident, over all its processes. */
  readonly firstMegabytes: number
  readonly lastMegabytes: number
  readonly lastOpenFiles: number
}

type Look = { readonly ticks: number; readonly bytes: number; readonly openFiles: number }

const TICKS_PER_SECOND = 100
const PAGE_BYTES = 4096

/** Watches all that was started from here, until `stop`. Off Linux nothing is seen. */
export const watchProcesses = () => {
  const beganAt = performance.now()
  const first = lookAtAll()
  return {
    stop: (): Readonly<Record<string, Used>> => {
      const seconds = (performance.now() - beganAt) / 1000
      return Object.fromEntries(
        [...lookAtAll()].map(([name, last]) => {
          const before = first.get(name) ?? { ticks: 0, bytes: 0, openFiles: 0 }
          return [name, usedBetween(before, last, seconds)]
        }),
      )
    },
  }
}

const usedBetween = (first: Look, last: Look, seconds: number): Used => ({
  cores: round((last.ticks - first.ticks) / TICKS_PER_SECOND / seconds),
  firstMegabytes: Math.round(first.bytes / 1e6),
  lastMegabytes: Math.round(last.bytes / 1e6),
  lastOpenFiles: last.openFiles,
})

const round = (value: number): number => Math.round(value * 100) / 100

const lookAtAll = (): Map<string, Look> => {
  const looks = new Map<string, Look>()
  if (process.platform !== 'linux') return looks
  for (const pid of treeOf(process.pid)) {
    const name = nameOf(pid)
    const look = lookAt(pid)
    if (name === null || look === null) continue
    const sum = looks.get(name) ?? { ticks: 0, bytes: 0, openFiles: 0 }
    looks.set(name, {
      ticks: sum.ticks + look.ticks,
      bytes: sum.bytes + look.bytes,
      openFiles: sum.openFiles + look.openFiles,
    })
  }
  return looks
}

const lookAt = (pid: number): Look | null => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [, resident = '0'] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')
    return {
      ticks: Number(fields[11]) + Number(fields[12]),
      bytes: Number(resident) * PAGE_BYTES,
      openFiles: readdirSync(`/proc/${pid}/fd`).length,
    }
  } catch {
    return null
  }
}

const NAMES: readonly (readonly [part: string, name: string])[] = [
  ['src/main/bun.ts', 'service'],
  ['observer/main.ts', 'observer'],
  ['postgres', 'postgres'],
  ['redis-server', 'redis'],
  ['nats-server', 'nats'],
  ['k6', 'k6'],
]

const nameOf = (pid: number): string | null => {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8')
    return NAMES.find(([part]) => words.includes(part))?.[1] ?? null
  } catch {
    return null
  }
}
