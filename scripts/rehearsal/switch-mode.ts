import { runCommand } from '../../tests/support/processes/start-service.ts'
import type { Journal } from './journal.ts'
import type { Stage } from './stage.ts'

/** One change of the mode, and how long it took to hold, in milliseconds from the start of the command. */
export type Switched = {
  readonly words: string
  readonly epoch: number
  readonly at: number
  /** Until the command had ended. */
  readonly command: number
  /** Until the first change of a user that went the new way; null when there was none yet. */
  readonly firstRouted: number | null
  /** Until each instance showed the new mode by itself. */
  readonly shownByAll: number | null
}

const SHOWN_WITHIN_SECONDS = 10

/** Does what an operator does, with `auth sync set`. Null when it was refused: the guard may have had its reasons. */
export const switchMode = async (
  { site, instances }: Stage,
  journal: Journal,
  words: readonly string[],
): Promise<Switched | null> => {
  const began = Date.now()
  const shown = watchInstances(instances, words)
  const { exitCode, stdout, stderr } = await runCommand(
    ['sync', 'set', ...words, '--reason', 'rehearsal'],
    { environment: site.environment },
  )
  if (exitCode !== 0) {
    journal.mark(
      'surprise',
      `auth sync set ${words.join(' ')} is refused: ${(stdout + stderr).split('\n', 1)[0]}`,
    )
    return null
  }
  const command = Date.now() - began
  journal.mark('mode', describe(words))
  const [row] = await site.sql`
    select epoch::integer as epoch, (
      select min(extract(epoch from occurred_at) * 1000) from outbox_events where route_epoch = epoch
    ) as first_ms from sync_mode`
  const shownAt = await shown
  // Most often nothing was changed yet in the milliseconds since the command.
  const firstMs = row?.['first_ms'] ?? (await firstRouted(site, Number(row?.['epoch'])))
  return {
    ...{ words: describe(words), epoch: Number(row?.['epoch']), at: began, command },
    // Before the command: the guard had gone there by itself.
    firstRouted: firstMs === null || Number(firstMs) < began ? null : Number(firstMs) - began,
    shownByAll: shownAt === null ? null : shownAt - began,
  }
}

const describe = ([mode = '', ...rest]: readonly string[]): string => {
  const percent = rest[rest.indexOf('--percent') + 1]
  return mode === 'canary' ? `canary ${percent} %` : mode
}

const firstRouted = async (site: Stage['site'], epoch: number): Promise<unknown> => {
  await Bun.sleep(1000)
  const [row] = await site.sql`
    select min(extract(epoch from occurred_at) * 1000) as first_ms from outbox_events where route_epoch = ${epoch}`
  return row?.['first_ms'] ?? null
}

/** The instant when all instances show the mode in their own metrics; null when they do not in time. */
const watchInstances = async (
  instances: Stage['instances'],
  words: readonly string[],
): Promise<number | null> => {
  const [mode = ''] = words
  const wanted = [
    `auth_sync_mode{mode="${mode}"} 1`,
    ...(mode === 'canary' ? [`auth_sync_percent ${words[words.indexOf('--percent') + 1]}`] : []),
  ]
  const shows = async ({ current }: Stage['instances'][number]): Promise<boolean> => {
    try {
      const response = await fetch(`${current().managementUrl}/metrics`)
      const lines = new Set((await response.text()).split('\n'))
      return wanted.every((line) => lines.has(line))
    } catch {
      return false
    }
  }
  const until = Date.now() + SHOWN_WITHIN_SECONDS * 1000
  while (Date.now() < until) {
    const all = await Promise.all(instances.map(shows))
    if (all.every(Boolean)) return Date.now()
    await Bun.sleep(50)
  }
  return null
}
