import { runCommand } from '../../tests/support/processes/start-service.ts'
import { givenPeople } from '../../tests/support/processes/steady-load.ts'
import { check } from './check.ts'
import type { Journal } from './journal.ts'
import { legBetween } from './legs-over-time.ts'
import { startLoad } from './load.ts'
import { measureOutage } from './outage.ts'
import type { Findings } from './report.ts'
import { checkRollback, measureRollback } from './rollback.ts'
import type { Stage } from './stage.ts'
import type { Switched } from './switch-mode.ts'
import { switchMode } from './switch-mode.ts'

export type Plan = {
  readonly people: number
  readonly perSecond: number
  /** How long each stage lasts. */
  readonly stageSeconds: number
  /** How long NATS is away. */
  readonly awaySeconds: number
}

const PEOPLE_SIDE_BY_SIDE = 4
/** How long NATS stays dead once calls lead again. */
const BACK_SECONDS = 3

/** Plays the whole move, there and back, under load; what came of it is for others to say. */
export const play = async (stage: Stage, journal: Journal, plan: Plan): Promise<Findings> => {
  const { instances, servers } = stage
  const urls = () => instances.map(({ current }) => current().url)
  const people = await register(urls(), plan.people)
  journal.mark('mode', `http: ${people.length} people, ${plan.perSecond} changes a second`)
  const began = Date.now()
  const load = startLoad(urls, people, plan.perSecond)
  const switches: Switched[] = []
  const verdicts: { stage: string; lines: readonly string[] }[] = []
  const stay = () => Bun.sleep(plan.stageSeconds * 1000)
  const command = async (...words: readonly string[]) => {
    const switched = await switchMode(stage, journal, words)
    if (switched !== null) switches.push(switched)
    return switched
  }
  const go = async (...words: readonly string[]) => {
    await command(...words)
    await stay()
  }
  const ask = async (name: string) => {
    const { environment } = stage.site
    const { stdout, stderr } = await runCommand(['sync', 'report'], { environment })
    verdicts.push({ stage: name, lines: (stdout + stderr).trimEnd().split('\n') })
  }

  await stay()
  await go('dual')
  const dual = { from: switches.at(-1)?.at ?? began, until: Date.now() }
  await ask('dual')
  for (const percent of ['1', '10', '50']) await go('canary', '--percent', percent)
  await ask('canary 50 %')
  await go('events')

  const away = { from: Date.now(), leftAt: 0, until: 0 }
  servers.nats.pause()
  await stage.natsServer.kill()
  journal.mark('fault', 'NATS is killed')
  await Bun.sleep(plan.awaySeconds * 1000)
  // Before the guard has seen enough: it needs three checks, and later there is nothing to go back from.
  away.leftAt = Date.now()
  const back = await command('dual')
  await Bun.sleep(BACK_SECONDS * 1000)
  await servers.nats.resume()
  away.until = Date.now()
  journal.mark('fault', 'NATS is started again')
  await stay()
  await stay()

  await go('http', '--confirm-silence', 'social,chat')
  await load.stop()
  // Leaving http once more sends what was not published meanwhile, so that everybody can be compared.
  await go('dual')
  journal.mark(
    'mode',
    'the load has ended; now the databases, the stream and the consumers are compared',
  )
  const found = await check(stage, load.asked, journal.beganAt)
  const rollback = await measureRollback(stage, back)
  const byGuard = await stage.site.sql`
    select mode, reason, extract(epoch from changed_at) * 1000 as at from sync_history where changed_by = 'guard'`
  for (const { mode, reason, at } of byGuard) {
    const seconds = (Number(at) - journal.beganAt.getTime()) / 1000
    journal.mark(
      'surprise',
      `at ${seconds.toFixed(1)} s the rollout guard stepped down to ${mode}: ${reason}`,
    )
  }
  return {
    beganAt: journal.beganAt,
    seconds: (Date.now() - began) / 1000,
    ...{ marks: journal.marks, asked: load.asked, switches, verdicts, rollback },
    checks: [...found, checkRollback(rollback)],
    dual: {
      events: await legBetween(stage, 'nats:user.events', dual.from, dual.until),
      calls: await legBetween(stage, 'http:backend', dual.from, dual.until),
    },
    outage: await measureOutage(stage, away),
  }
}

/** A few at once: hashing takes all there is of a processor. */
const register = async (urls: readonly string[], count: number) => {
  const each = Math.ceil(count / PEOPLE_SIDE_BY_SIDE)
  const groups = Array.from({ length: PEOPLE_SIDE_BY_SIDE }, (_, group) =>
    givenPeople({ url: urls[group % urls.length] ?? '' }, each),
  )
  return (await Promise.all(groups)).flat()
}
