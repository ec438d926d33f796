import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import { send } from '../../support/builders/http/given-http.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { expectHealth } from '../../support/processes/service/expect-health.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import type { Person, Timed } from '../../support/processes/service/steady-load.ts'
import {
  changePeople,
  givenPeople,
  keepAsking,
  slowestOf,
  statusesOf,
  timed,
} from '../../support/processes/service/steady-load.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { wakingMilliseconds } from '../../support/processes/timing/waking-time.ts'
import { givenPostgresServer } from '../../support/servers/postgres/given-postgres.ts'
import type { Server } from '../../support/servers/provide/server.ts'

afterAll(closeSites)

const RECOVERY_SECONDS = 10
const DOWN_SECONDS = 2

let database: Server
let site: Site
let service: Service
let people: readonly Person[]

beforeAll(async () => {
  database = await givenPostgresServer()
  site = await givenSite({ databaseUrl: database.url })
  service = await site.start()
  people = await givenPeople(service, 8)
}, 90_000)

const readProfile = ({ bearer }: Person) =>
  timed(() => send(service, 'GET', '/v1/users/me', { bearer }))
const readingProfiles = () =>
  keepAsking(people.length, async (caller) => {
    const person = people[caller]
    if (person === undefined) throw new Error('nobody to read')
    return readProfile(person)
  })

/** The highest version of each user that a client has got in an answer. */
const acknowledgedVersions = (answers: readonly Timed[]) => {
  const versions = new Map<string, number>()
  for (const { status, body } of answers)
    if (status === 200) versions.set(body.id, Math.max(versions.get(body.id) ?? 1, body.version))
  return versions
}

const restarts = {
  'is stopped and started again': () => database.stop(),
  'is killed and started again': () => database.kill(),
}

describe('PostgreSQL under requests', () => {
  for (const [what, end] of Object.entries(restarts))
    test(`${what}: 503 meanwhile, and nothing acknowledged is lost`, async () => {
      const [changes, reads] = [changePeople(service, people), readingProfiles()]
      await Bun.sleep(1000)
      await end()
      await expectHealth(service, { status: 'unhealthy', db: 'unavailable' })
      await Bun.sleep(DOWN_SECONDS * 1000)
      await database.start()
      const backAt = wakingMilliseconds()
      await until(
        'everybody served',
        async () => statusesOf(await Promise.all(people.map(readProfile)))[200] === people.length,
        RECOVERY_SECONDS,
      )
      expect((wakingMilliseconds() - backAt) / 1000).toBeLessThan(RECOVERY_SECONDS)
      await expectHealth(service, { status: 'healthy' })
      await Bun.sleep(500)
      const [changed, read] = [await changes.stop(), await reads.stop()]
      for (const answers of [changed, read]) {
        expect(Object.keys(statusesOf(answers))).toEqual(['200', '503'])
        expect(slowestOf(answers)).toBeLessThan(3000)
        expect(answers.at(-1)?.status).toBe(200)
      }

      const history = await wholeHistory(site, 15)
      for (const [user, version] of acknowledgedVersions(changed))
        expect(
          history.filter(({ headers }) => headers['ce-subject'] === user).length,
        ).toBeGreaterThanOrEqual(version)
    }, 60_000)
})
