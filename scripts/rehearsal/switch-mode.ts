import { runCommand } from '../../tests/support/processes/service/start-service.ts'
import type { Installation } from './open-installation.ts'
import type { Timeline } from './timeline.ts'

/** One change of the mode. `command`, `firstRouted` and `shownByAll` are milliseconds from the start of the command. */
export type ModeSwitch = {
  /** The mode, with the percentage in mode canary. */
  readonly words: string
  readonly epoch: number
  /** The start of the command, in milliseconds since the epoch. */
  readonly at: number
  /** Until the command had ended. */
  readonly command: number
  /** Until the first change of a user that took the new route. Null when there was none yet. */
  readonly firstRouted: number | null
  /** Until the metrics of every instance showed the new mode. Null when that took too long. */
  readonly shownByAll: number | null
}

const SHOWN_WITHIN_SECONDS = 10

/** Runs `auth sync set`, as an operator would. Null when the command was refused. The timeline then has the reason. */
export const switchMode = async (
  { site, instances }: Installation,
  timeline: Timeline,
  words: readonly string[],
): Promise<ModeSwitch | null> => {
  const startedAt = Date.now()
  const shown = waitUntilShown(instances, words)
  const { exitCode, stdout, stderr } = await runCommand(
    ['sync', 'set', ...words, '--reason', 'rehearsal'],
    { environment: site.environment },
  )
  if (exitCode !== 0) {
    timeline.mark(
      'surprise',
      `auth sync set ${words.join(' ')} is refused: ${(stdout + stderr).split('\n', 1)[0]}`,
    )
    return null
  }
  const command = Date.now() - startedAt
  timeline.mark('mode', describe(words))
  const [row] = await site.sql`
    select epoch::integer as epoch, (
      select min(extract(epoch from occurred_at) * 1000) from outbox_events where route_epoch = epoch
    ) as first_ms from sync_mode`
  const shownAt = await shown
  // Usually no user was changed yet in the few milliseconds since the command.
  const firstMs = row?.['first_ms'] ?? (await firstRouted(site, Number(row?.['epoch'])))
  return {
    words: describe(words),
    epoch: Number(row?.['epoch']),
    at: startedAt,
    command,
    // It is before the command when the rollout guard had already switched to this mode.
    firstRouted:
      firstMs === null || Number(firstMs) < startedAt ? null : Number(firstMs) - startedAt,
    shownByAll: shownAt === null ? null : shownAt - startedAt,
  }
}

const describe = ([mode = '', ...rest]: readonly string[]): string => {
  const percent = rest[rest.indexOf('--percent') + 1]
  return mode === 'canary' ? `canary ${percent} %` : mode
}

const firstRouted = async (site: Installation['site'], epoch: number): Promise<unknown> => {
  await Bun.sleep(1000)
  const [row] = await site.sql`
    select min(extract(epoch from occurred_at) * 1000) as first_ms from outbox_events where route_epoch = ${epoch}`
  return row?.['first_ms'] ?? null
}

/** The instant when the metrics of all instances show the mode. Null when that takes longer than 10 s. */
const waitUntilShown = async (
  instances: Installation['instances'],
  words: readonly string[],
): Promise<number | null> => {
  const [mode = ''] = words
  const wanted = [
    `auth_sync_mode{mode="${mode}"} 1`,
    ...(mode === 'canary' ? [`auth_sync_percent ${words[words.indexOf('--percent') + 1]}`] : []),
  ]
  const shows = async ({ current }: Installation['instances'][number]): Promise<boolean> => {
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
