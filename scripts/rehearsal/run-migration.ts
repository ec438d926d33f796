import { runCommand } from '../../tests/support/processes/service/start-service.ts'
import { givenPeople } from '../../tests/support/processes/service/steady-load.ts'
import { latencyBetween } from './channel-latency.ts'
import { startLoad } from './load.ts'
import type { Installation } from './open-installation.ts'
import { checkRollback, measureOutage, measureRollback } from './outage.ts'
import type { Findings, StageReport } from './report.ts'
import { runFinalChecks } from './run-final-checks.ts'
import type { ModeSwitch } from './switch-mode.ts'
import { switchMode } from './switch-mode.ts'
import type { Timeline } from './timeline.ts'

export type Plan = {
  readonly people: number
  /** Changes of users per second. */
  readonly perSecond: number
  /** How long the installation stays in each stage of the migration. */
  readonly stageSeconds: number
  /** How long NATS is down before the command to go back. */
  readonly outageSeconds: number
}

const PARALLEL_REGISTRATIONS = 4
/** How long NATS stays down after the command to go back. */
const DOWN_AFTER_ROLLBACK_SECONDS = 3

/** Migrates from HTTP calls to events and back, under load and with an outage of NATS. It measures and checks at the end. */
export const runMigration = async (
  installation: Installation,
  timeline: Timeline,
  plan: Plan,
): Promise<Findings> => {
  const { instances, servers, site } = installation
  const urls = () => instances.map(({ current }) => current().url)
  const people = await register(urls(), plan.people)
  timeline.mark('mode', `http: ${people.length} people, ${plan.perSecond} changes a second`)
  const startedAt = Date.now()
  const load = startLoad(urls, people, plan.perSecond)
  const switches: ModeSwitch[] = []
  const stageReports: StageReport[] = []
  const stay = () => Bun.sleep(plan.stageSeconds * 1000)
  const setMode = async (...words: readonly string[]) => {
    const modeSwitch = await switchMode(installation, timeline, words)
    if (modeSwitch !== null) switches.push(modeSwitch)
    return modeSwitch
  }
  const setModeAndStay = async (...words: readonly string[]) => {
    await setMode(...words)
    await stay()
  }
  const readReport = async (stage: string) => {
    const { stdout, stderr } = await runCommand(['sync', 'report'], {
      environment: site.environment,
    })
    stageReports.push({ stage, lines: (stdout + stderr).trimEnd().split('\n') })
  }

  await stay()
  await setModeAndStay('dual')
  const dual = { from: switches.at(-1)?.at ?? startedAt, until: Date.now() }
  await readReport('dual')
  for (const percent of ['1', '10', '50']) await setModeAndStay('canary', '--percent', percent)
  await readReport('canary 50 %')
  await setModeAndStay('events')

  const outage = { from: Date.now(), leftAt: 0, until: 0 }
  servers.nats.pause()
  await installation.natsServer.kill()
  timeline.mark('fault', 'NATS is killed')
  await Bun.sleep(plan.outageSeconds * 1000)
  // The rollout guard needs three checks before it steps back. The command must come before that.
  outage.leftAt = Date.now()
  const back = await setMode('dual')
  await Bun.sleep(DOWN_AFTER_ROLLBACK_SECONDS * 1000)
  await servers.nats.resume()
  outage.until = Date.now()
  timeline.mark('fault', 'NATS is started again')
  await stay()
  await stay()

  await setModeAndStay('http', '--confirm-silence', 'social,chat')
  await load.stop()
  // In mode http nothing is published. Leaving it publishes what is missing, so that all consumers can be compared.
  await setModeAndStay('dual')
  timeline.mark(
    'mode',
    'the load has ended; now the databases, the stream and the consumers are compared',
  )
  const checks = await runFinalChecks(installation, load.requests, timeline.startedAt)
  const rollback = await measureRollback(installation, back)
  await markStepsOfRolloutGuard(installation, timeline)
  return {
    startedAt: timeline.startedAt,
    seconds: (Date.now() - startedAt) / 1000,
    marks: timeline.marks,
    requests: load.requests,
    switches,
    stageReports,
    rollback,
    checks: [...checks, checkRollback(rollback)],
    dual: {
      events: await latencyBetween(installation, 'nats:user.events', dual.from, dual.until),
      calls: await latencyBetween(installation, 'http:backend', dual.from, dual.until),
    },
    outage: await measureOutage(installation, outage),
  }
}

const markStepsOfRolloutGuard = async (
  { site }: Installation,
  timeline: Timeline,
): Promise<void> => {
  const steps = await site.sql`
    select mode, reason, extract(epoch from changed_at) * 1000 as at from sync_history where changed_by = 'guard'`
  for (const { mode, reason, at } of steps) {
    const seconds = (Number(at) - timeline.startedAt.getTime()) / 1000
    timeline.mark(
      'surprise',
      `at ${seconds.toFixed(1)} s the rollout guard stepped back to ${mode}: ${reason}`,
    )
  }
}

/** Registers a few people at the same time. More would not be faster, because hashing keeps the processor busy. */
const register = async (urls: readonly string[], count: number) => {
  const each = Math.ceil(count / PARALLEL_REGISTRATIONS)
  const groups = Array.from({ length: PARALLEL_REGISTRATIONS }, (_, group) =>
    givenPeople({ url: urls[group % urls.length] ?? '' }, each),
  )
  return (await Promise.all(groups)).flat()
}
