import { afterAll, beforeAll, expect, test } from 'bun:test'
import postgres from 'postgres'
import { register, send } from '../../support/builders/http/given-http.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { Follower } from '../../support/fakes/events/follower.ts'
import { converged, startFollower } from '../../support/fakes/events/follower.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import { change, givenPeople, personOf } from '../../support/processes/service/steady-load.ts'
import { atTheEnd } from '../../support/processes/test-run/at-the-end.ts'
import { until } from '../../support/processes/timing/eventually.ts'

const LONG = 120_000
const SECONDS = 30

let site: Site
let backend: Follower
let social: Follower
let dumps: readonly postgres.Sql[]
let people: readonly [changed: Person, deleted: Person, untouched: Person]
let late: Person

/** Copies the database at this moment, while no one uses it. */
const dump = async (count: number): Promise<readonly postgres.Sql[]> => {
  const [row] = await site.sql<{ name: string }[]>`select current_database() as name`
  const names = Array.from({ length: count }, (_, index) => `${row?.name}_dump${index}`)
  const url = new URL(site.environment['DATABASE_URL'] ?? '')
  const alone = postgres(url.href, { max: 1, onnotice: () => {} })
  for (const name of names) {
    await alone`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`
    await alone`create database ${alone(name)} template ${alone(row?.name ?? '')}`
    atTheEnd(async () => {
      await site.sql`drop database if exists ${site.sql(name)} with (force)`.catch(() => {})
    })
  }
  await alone.end()
  return names.map((name) => {
    url.pathname = `/${name}`
    return postgres(url.href, { max: 2, onnotice: () => {} })
  })
}

const urlOf = (sql: postgres.Sql) => {
  const url = new URL(site.environment['DATABASE_URL'] ?? '')
  url.pathname = `/${sql.options.database}`
  return { DATABASE_URL: url.href }
}
const rebase = (sql: postgres.Sql) =>
  runCommand(['events', 'rebase'], { environment: { ...site.environment, ...urlOf(sql) } })
const followed = async (sql: postgres.Sql) => {
  await converged(backend, sql, SECONDS)
  await converged(social, sql, SECONDS)
}

beforeAll(async () => {
  site = await givenSite()
  const before = await site.start()
  backend = await startFollower(site.nats, 'backend')
  social = await startFollower(site.nats, 'social')
  const [one, two, three] = await givenPeople(before, 3)
  if (one === undefined || two === undefined || three === undefined) throw new Error('nobody')
  people = [one, two, three]
  await change(before, one)
  await followed(site.sql)
  await before.stop()
  dumps = await dump(2)
  // What the dump knows nothing of.
  const after = await site.start()
  for (let turn = 0; turn < 3; turn += 1) await change(after, one)
  await send(after, 'DELETE', '/v1/users/me', { bearer: two.bearer })
  late = personOf(await register(after))
  await followed(site.sql)
  await after.stop()
}, LONG)
afterAll(async () => {
  await Promise.all([backend.stop(), social.stop(), ...dumps.map((sql) => sql.end())])
  await closeSites()
})

const restored = (sql: postgres.Sql): Promise<Service> => site.start(urlOf(sql))

test(
  'consumers do not follow a restored dump without a rebase: its next change has a version that they know',
  async () => {
    const [first] = dumps
    if (first === undefined) throw new Error('no dump')
    const service = await restored(first)
    const seen = backend.verdicts.length
    expect(await change(service, people[0])).toMatchObject({ status: 200, body: { version: 3 } })
    await until('the event', () => backend.verdicts.length > seen, SECONDS)
    expect(backend.verdicts.slice(seen).map(({ verdict }) => verdict)).toEqual(['stale'])
    expect(backend.users.get(people[0].id)).toMatchObject({ version: 5 })
    expect(backend.users.get(late.id)?.data).not.toBeNull()
    await service.stop()
  },
  LONG,
)

test(
  'a rebase is refused while an instance serves the dump, and changes nothing [PR2]',
  async () => {
    const [first] = dumps
    if (first === undefined) throw new Error('no dump')
    const service = await restored(first)
    const versions = await first`select id, version from users order by id`
    expect(await rebase(first)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining('An instance of the service is running'),
    })
    expect(await first`select id, version from users order by id`).toEqual(versions)
    await service.stop()
  },
  LONG,
)

test(
  'after a rebase of a restored dump, run twice, all consumers hold its users, and delete those whom only they know [PR2]',
  async () => {
    const [first] = dumps
    if (first === undefined) throw new Error('no dump')
    expect(await rebase(first)).toMatchObject({
      exitCode: 0,
      stderr: '',
      stdout: [
        'Added 1000000 to the version of 3 users. Each is published again to all consumers.',
        '1 user known to consumers only is published as deleted.\n',
      ].join('\n'),
    })
    expect(await rebase(first)).toMatchObject({
      exitCode: 0,
      stdout: [
        'Added 1000000 to the version of 0 users. Each is published again to all consumers.',
        '0 users known to consumers only are published as deleted.',
        'An earlier run has done this already for 3 users, and for 1 user known to consumers only.\n',
      ].join('\n'),
    })
    const service = await restored(first)
    await followed(first)
    expect(backend.users.get(late.id)).toMatchObject({ version: 1_000_001, data: null })
    expect(backend.users.get(people[1].id)).toMatchObject({ version: 1_000_001 })
    expect(await change(service, people[2])).toMatchObject({ body: { version: 1_000_002 } })
    await followed(first)
    await service.stop()
  },
  LONG,
)

test(
  'a rebase of the same dump, restored once more, goes above the versions of the first rebase',
  async () => {
    const [, second] = dumps
    if (second === undefined) throw new Error('no dump')
    expect((await rebase(second)).stdout).toStartWith('Added 2000000 to the version of 3 users')
    const service = await restored(second)
    await followed(second)
    expect(backend.users.get(people[2].id)).toMatchObject({ version: 2_000_001 })
    const verdicts = new Set(backend.verdicts.map(({ verdict }) => verdict))
    expect([verdicts.has('conflict'), verdicts.has('malformed')]).toEqual([false, false])
    await service.stop()
  },
  LONG,
)
