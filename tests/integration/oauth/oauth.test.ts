import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { FakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { startFakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import type { Person } from '../../support/builders/oauth/given-oauth.ts'
import { problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn, oauthClient, REDIRECT_URI } from '../../support/builders/oauth/oauth-client.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { isLongRun } from '../../support/processes/test-run/test-run.ts'

const ROUNDS = isLongRun ? 500 : 20
const DELIVERED_SECONDS = 10

let fake: FakeProviders
let site: Site
let instances: readonly Service[]
let clients: readonly ReturnType<typeof oauthClient>[]
beforeAll(async () => {
  fake = await startFakeProviders({ isRegisteredRedirect: () => true })
  site = await givenSite({
    environment: {
      // Production refuses providers without TLS, and these have none.
      NODE_ENV: 'test',
      ...fake.settings,
      OAUTH_REDIRECT_URIS: REDIRECT_URI,
      RATE_LIMIT_CODE_EXCHANGE: '1000000/60',
      RATE_LIMIT_OAUTH_START: '1000000/60',
    },
  })
  instances = await Promise.all([site.start(), site.start()])
  clients = instances.map(({ url }) =>
    oauthClient((path, init) => fetch(`${url}${path}`, init), fake),
  )
}, 90_000)
afterAll(async () => {
  await closeSites()
  await fake.close()
})

const client = (index: number) => {
  const found = clients[index % clients.length]
  if (found === undefined) throw new Error('there is no instance')
  return found
}

const messagesAbout = async (userId: string) => {
  const history = await wholeHistory(site, DELIVERED_SECONDS)
  const bodies = history.filter(({ headers }) => headers['ce-subject'] === userId)
  return bodies.map(({ body }) => new TextDecoder().decode(body))
}

describe('a sign-in through LINE without the permission for addresses', () => {
  test('is published once, as a created user without an address [OA18]', async () => {
    const person = somebody()
    const { user, created } = await client(0).signIn('line', person)
    expect(created).toBe(true)
    const again = await client(1).signIn('line', person)
    expect([again.created, again.user.id]).toEqual([false, user.id])
    const expected = {
      id: user.id,
      email: null,
      username: user.username,
      displayName: person.name,
      avatar: user.avatar,
      role: 'user',
      isActive: true,
      action: 'created',
      timestamp: user.createdAt,
    }
    expect(await messagesAbout(user.id)).toEqual([JSON.stringify(expected)])
  }, 30_000)
})

describe('a linked and an unlinked identity', () => {
  test('are each published as an update, with an unchanged state', async () => {
    const { user, tokens } = await client(0).signIn('google', somebody())
    const sent = await client(0).startLink('facebook', tokens.accessToken)
    const code = client(1).codeFrom(await client(1).returnFromProvider(sent, somebody()))
    const linked = await client(1).exchange(sent, code, {}, tokens.accessToken)
    expect(linked.status).toBe(200)
    const unlinked = await fetch(`${instances[0]?.url}/v1/users/me/identities/google`, {
      method: 'DELETE',
      headers: { authorization: `Bearer ${tokens.accessToken}` },
    })
    expect(unlinked.status).toBe(204)
    const bodies = (await messagesAbout(user.id)).map((body) => JSON.parse(body))
    expect(bodies.map(({ action }) => action)).toEqual(['created', 'updated', 'updated'])
    for (const body of bodies)
      expect(body).toMatchObject({ id: user.id, displayName: user.displayName, email: null })
  }, 30_000)
})

describe('two instances', () => {
  test('serve one sign-in together: one starts it, the other gets the callback, and the first exchanges the code', async () => {
    const sent = await client(0).start('google')
    const back = await client(1).returnFromProvider(sent, somebody())
    expect((await client(0).exchange(sent, client(1).codeFrom(back))).status).toBe(200)
  })

  test('accept a repeated callback once', async () => {
    const sent = await client(0).start('line')
    const back = await fake.decide(sent.location, somebody())
    const answers = await Promise.all([0, 1, 0, 1].map((n) => client(n).open(back, sent.cookie)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 400, 400, 400])
    expect(answers.some((answer) => answer.status === 303 && answerIn(answer).has('code'))).toBe(
      true,
    )
  })

  /** Null for a round in which Redis was too slow on this busy machine. */
  const race = async (round: number, person: Person): Promise<number | null> => {
    const sent = await client(round).start('line')
    const back =
      sent.response.status === 302 ? await client(round).returnFromProvider(sent, person) : null
    if (back?.status !== 303) return null
    const code = client(round).codeFrom(back)
    const answers = await Promise.all(
      Array.from({ length: 200 }, (_, index) => client(index).exchange(sent, code)),
    )
    const statuses = answers.map(({ status }) => status)
    expect(statuses.filter((status) => ![200, 400, 503].includes(status))).toEqual([])
    const won = statuses.filter((status) => status === 200).length
    // Whatever happened, no code was given twice.
    expect(won).toBeLessThanOrEqual(1)
    for (const lost of answers.filter(({ status }) => status === 400))
      expect(await problemOf(lost)).toEqual([400, 'invalid-grant'])
    return statuses.includes(503) ? null : won
  }

  test(
    'exchange each code once, in every round of 200 exchanges over both [OA6]',
    async () => {
      const person = somebody()
      const until = performance.now() + ROUNDS * 2000 + 20_000
      let held = 0
      for (let round = 1; held < ROUNDS && performance.now() < until; round += 1) {
        const won = await race(round, person)
        if (won === null) await Bun.sleep(100)
        else {
          expect([round, won]).toEqual([round, 1])
          held += 1
        }
      }
      expect(held).toBe(ROUNDS)
    },
    ROUNDS * 2000 + 60_000,
  )
})
