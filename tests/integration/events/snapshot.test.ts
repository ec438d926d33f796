import { afterAll, beforeAll, expect, test } from 'bun:test'
import { DeliverPolicy } from 'nats'
import { givenWriters } from '../../support/builders/events/given-writers.ts'
import { storedMessages } from '../../support/builders/events/stored-messages.ts'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { Follower } from '../../support/fakes/events/follower.ts'
import { converged, startFollower } from '../../support/fakes/events/follower.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'
import { until } from '../../support/processes/timing/eventually.ts'

const { USERS, PER_SECOND, RATE } = isLongRun
  ? { USERS: 10_000, PER_SECOND: 200, RATE: 1000 }
  : { USERS: 300, PER_SECOND: 50, RATE: 150 }
const SECONDS = 60
const LONG = 300_000

let site: Site
let writers: ReturnType<typeof givenWriters>
let backend: Follower
let social: Follower
let users: Awaited<ReturnType<typeof writers.insert>>
beforeAll(async () => {
  site = await givenSite()
  await site.start()
  writers = givenWriters(site)
  users = await writers.insert(USERS)
  await wholeHistory(site, SECONDS)
  backend = await startFollower(site.nats, 'backend')
  // A new consumer: it knows no user, and receives only what happens from now on.
  social = await startFollower(site.nats, 'social', { from: DeliverPolicy.New })
}, LONG)
afterAll(async () => {
  await Promise.all([backend.stop(), social.stop(), writers.close()])
  await closeSites()
})

const snapshot = (...words: readonly string[]) =>
  runCommand(['events', 'snapshot', '--to', ...words], { environment: site.environment })
const verdictsOf = (follower: Follower, prefix: string) =>
  follower.verdicts.filter(({ subject }) => subject.startsWith(prefix))
const sentTo = async (consumer: string) =>
  (await storedMessages(site.nats, 'USER_EVENTS_DIRECT'))
    .filter(({ subject }) => subject === `direct.user.events.${consumer}`)
    .map(({ headers }) => headers['ce-subject'] ?? '')

test(
  'a snapshot and the changes meanwhile, in any order, make a new consumer equal to the database',
  async () => {
    expect(social.users.size).toBe(0)
    const changing = writers.keepChanging(users, PER_SECOND)
    const sent = await snapshot('social', '--rate', String(RATE))
    const changes = await changing.stop()
    expect(sent).toMatchObject({ exitCode: 0, stderr: '' })
    expect(changes).toBeGreaterThan(PER_SECOND)
    await converged(social, site.sql, SECONDS)
    const kinds = new Set(social.verdicts.map(({ verdict }) => verdict))
    expect([kinds.has('conflict'), kinds.has('malformed')]).toEqual([false, false])
  },
  LONG,
)

test(
  'other consumers and the stream of all events see nothing of a snapshot for one consumer',
  async () => {
    const history = await wholeHistory(site, SECONDS)
    const heard = history.length
    await until('all of it', () => backend.verdicts.length >= heard, SECONDS)
    expect(await snapshot('social')).toMatchObject({ exitCode: 0 })
    await converged(social, site.sql, SECONDS)
    expect(backend.verdicts).toHaveLength(heard)
    expect(verdictsOf(backend, 'direct.')).toEqual([])
    expect(await wholeHistory(site, SECONDS)).toHaveLength(heard)
  },
  LONG,
)

test(
  'a snapshot continues where another ended, in the order of ids, and can be counted without sending',
  async () => {
    const before = (await sentTo('social')).length
    expect((await snapshot('social', '--dry-run')).stdout).toBe(
      `${users.length} users would be sent. Nothing was changed.\n`,
    )
    expect(await sentTo('social')).toHaveLength(before)
    const ids = users.map(({ id }) => String(id)).toSorted()
    const middle = ids.at(-11) ?? ''
    expect((await snapshot('social', '--after', middle)).stdout).toBe(
      'Sent 10 to social, and to nobody else.\n',
    )
    expect((await sentTo('social')).slice(before).toSorted()).toEqual(ids.slice(-10))
    const wrong = await snapshot('social', '--after', 'ada')
    expect(wrong).toMatchObject({ exitCode: 1, stdout: '' })
    expect(wrong.stderr).toContain('Nothing was sent.')
  },
  LONG,
)

test(
  'a snapshot has the event id of the stream, long after the ledger has dropped the event',
  async () => {
    await wholeHistory(site, SECONDS)
    await site.sql.begin(async (sql) => {
      await sql`alter table outbox_events disable trigger user`
      await sql`delete from outbox_events`
      await sql`alter table outbox_events enable trigger user`
    })
    expect(await snapshot('backend', '--rate', '20000')).toMatchObject({ exitCode: 0 })
    const direct = () => verdictsOf(backend, 'direct.')
    await until('all of it', () => direct().length >= users.length, SECONDS)
    await converged(backend, site.sql, SECONDS)
    expect(direct()).toHaveLength(users.length)
    expect(new Set(direct().map(({ verdict }) => verdict))).toEqual(new Set(['duplicate']))
  },
  LONG,
)
