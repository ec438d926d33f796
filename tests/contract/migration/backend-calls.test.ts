import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { HTTPResponseStatusClass, MatchersV3, PactV4 } from '@pact-foundation/pact'
import { Webhook } from 'standardwebhooks'
import type { Database } from '../../../examples/backend/database.ts'
import { openDatabase } from '../../../examples/backend/database.ts'
import { makeEndpoint } from '../../../examples/backend/endpoint.ts'
import { applyToMembers, makeTables } from '../../../examples/backend/members.ts'
import { decode } from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeBackend } from '../../../src/adapters/legacy-http/backend.ts'
import { makeBackendDigest } from '../../../src/adapters/legacy-http/backend-digest.ts'
import { runVerifier } from '../../../src/adapters/pact/run-verifier.ts'
import { USER_STATES } from '../../../src/adapters/pact/user-states.ts'
import type { UserEvent } from '../../../src/domain/events/user-event.ts'
import { shardOf } from '../../../src/domain/events/user-event.ts'

// The contract of the calls to Backend. This service is the consumer: the code that calls Backend writes the Pact.

const FOLDER = join(ROOT, 'contracts/providers')
const PATH = join(FOLDER, 'auth-service-backend.json')
const read = () => readFileSync(PATH, 'utf8')
const committed = read()

/** The secret is in the Pact's examples only. Whoever verifies signs each request again, because a signature ages. */
const SECRET = `whsec_${Buffer.from('a secret for contracts, not a secret').toString('base64')}`
const NOW = new Date('2026-11-24T00:10:00.000Z')
const codec = makeUserEventCodec({
  source: 'https://auth.example.com',
  typePrefix: 'com.example.auth',
})
const sample = (state: string): UserEvent => {
  const event = USER_STATES.get(state)
  if (event === undefined) throw new Error(`there is no sample of ${state}`)
  return event
}
const [CREATED, UPDATED, DELETED] = [
  sample('user registered'),
  sample('user updated'),
  sample('user deleted'),
]
const { userId } = CREATED
const SHARD = shardOf(userId)

const { like, regex, uuid, eachLike, integer } = MatchersV3

const SIGNATURE = {
  'webhook-id': regex('^[\\w-]+$', CREATED.eventId),
  'webhook-timestamp': regex('^\\d+$', String(NOW.getTime() / 1000)),
  'webhook-signature': regex('^v1,.+$', 'v1,signature'),
}
/** The digest of a shard without users: the hash of the empty string. */
const EMPTY = createHash('sha256').digest('hex')
const GUARDED = { 'x-sync-guard': 'version' }
const SUCCESS = MatchersV3.matchStatus(204, HTTPResponseStatusClass.Success)

/** The body and the headers of the event, with what may differ from one event to the next. */
const call = (event: UserEvent) => {
  const { headers, body } = codec.encode(event, 'user.events.v1', null)
  const shown: Record<string, unknown> = JSON.parse(new TextDecoder().decode(body))
  const { id, action, email, displayName, avatar, username, role, isActive, timestamp } = shown
  const header = (name: string) => headers[name] ?? ''
  return {
    headers: {
      ...SIGNATURE,
      'content-type': 'application/json',
      'ce-specversion': '1.0',
      'ce-id': uuid(header('ce-id')),
      'ce-source': like(header('ce-source')),
      'ce-type': regex(`^.+\\.user\\.${event.action}$`, header('ce-type')),
      'ce-subject': uuid(header('ce-subject')),
      'ce-sequence': regex('^\\d{20}$', header('ce-sequence')),
      'ce-time': like(header('ce-time')),
    },
    body: {
      ...{ id: uuid(String(id)), action, username: like(username), isActive: like(isActive) },
      ...{ role: regex('^(user|moderator|admin)$', String(role)), timestamp: like(timestamp) },
      // A contract cannot say “text or null”: the samples have both.
      ...{ email: like(email), displayName: like(displayName) },
      avatar: avatar === null ? null : like(avatar),
    },
  }
}

mkdirSync(FOLDER, { recursive: true })
rmSync(PATH, { force: true })
const pact = new PactV4({
  consumer: 'auth-service',
  provider: 'backend',
  dir: FOLDER,
  logLevel: 'error',
  cors: false,
})

const backendAt = (url: string) =>
  makeBackend({
    url: `${url}/sync`,
    secrets: [SECRET],
    withinMs: 10_000,
    log: () => {},
    clock: () => NOW,
    monotonic: () => performance.now(),
  })
const send = (url: string, event: UserEvent) =>
  backendAt(url).receiver.send(event.eventId, codec.encode(event, 'user.events.v1', null))

const expectCall = (
  description: string,
  state: string,
  event: UserEvent,
  answer: { readonly status: number | typeof SUCCESS; readonly alreadyNewer: boolean },
) =>
  pact
    .addInteraction()
    .given(state, { userId })
    .uponReceiving(description)
    .withRequest('POST', '/sync', (request) => {
      const { headers, body } = call(event)
      request.headers(headers)
      request.jsonBody(body)
    })
    .willRespondWith(answer.status, (response) => void response.headers(GUARDED))
    .executeTest(async ({ url }) => {
      expect(await send(url, event)).toEqual({ alreadyNewer: answer.alreadyNewer })
    })

const applied = { status: SUCCESS, alreadyNewer: false }
const dropped = { status: 409, alreadyNewer: true }

describe('the calls to Backend write a contract', () => {
  test('Backend takes over a new user', () =>
    expectCall('a new user', 'Backend does not know the user', CREATED, applied))

  test('Backend takes over a change', () =>
    expectCall('a change', 'Backend has version 1 of the user', UPDATED, applied))

  test('Backend drops a change that is older than what it has', () =>
    expectCall('an old change', 'Backend has version 5 of the user', UPDATED, dropped))

  test('Backend removes a user', () =>
    expectCall('a deletion', 'Backend has version 1 of the user', DELETED, applied))

  test('Backend does not let a late change bring back a deleted user', () =>
    expectCall('a late change', 'Backend had the user until version 5', UPDATED, dropped))

  test('Backend announces that it compares versions', () =>
    pact
      .addInteraction()
      .given('Backend does not know the user', { userId })
      .uponReceiving('the question whether it compares versions')
      .withRequest('OPTIONS', '/sync', (request) => void request.headers(SIGNATURE))
      .willRespondWith(SUCCESS, (response) => void response.headers(GUARDED))
      .executeTest(async ({ url }) => {
        expect(await backendAt(url).guard.ask()).toBe('version')
      }))

  test('Backend tells a digest of what it has', () =>
    pact
      .addInteraction()
      .given('Backend has version 1 of the user', { userId })
      .uponReceiving('the question what it has')
      .withRequest('GET', '/digest', (request) => void request.headers(SIGNATURE))
      .willRespondWith(200, (response) => {
        const shards = Array.from({ length: 64 }, (_, shard) => ({
          shard,
          users: 0,
          sha256: EMPTY,
        }))
        response.jsonBody({ shards })
        // One rule for all 64 shards. Their numbers are exact.
        response.matchingRules({
          body: [
            { path: '$.shards[*].users', rules: [integer(0)] },
            { path: '$.shards[*].sha256', rules: [regex('^[0-9a-fA-F]{64}$', EMPTY)] },
          ],
        })
      })
      .executeTest(async ({ url }) => {
        expect(await digestAt(url).read()).toHaveLength(64)
      }))

  test('Backend tells which users it has in a shard', () =>
    pact
      .addInteraction()
      .given('Backend has version 1 of the user', { userId })
      .uponReceiving('the question which users it has in a shard')
      .withRequest('GET', '/digest', (request) => {
        request.headers(SIGNATURE)
        request.query({ shard: String(SHARD) })
      })
      .willRespondWith(200, (response) => {
        response.jsonBody({ users: eachLike({ id: uuid(userId), version: integer(1) }) })
      })
      .executeTest(async ({ url }) => {
        expect(await digestAt(url).users(SHARD)).toEqual([{ userId, version: 1 }])
      }))

  test('it is the one in the repository', () => {
    expect(read()).toBe(committed)
  })
})

const digestAt = (url: string) =>
  makeBackendDigest({ url: `${url}/digest`, secrets: [SECRET], clock: () => NOW })

let database: Database
beforeAll(async () => {
  database = await openDatabase(undefined, 'memory://')
  await makeTables(database)
}, 60_000)
afterAll(() => database.close())

/** What Backend has before the request. */
const STATES: Readonly<Record<string, readonly UserEvent[]>> = {
  'Backend does not know the user': [],
  'Backend has version 1 of the user': [CREATED],
  'Backend has version 5 of the user': [{ ...UPDATED, version: 5 }],
  'Backend had the user until version 5': [CREATED, DELETED],
}
const enter = async (state: string): Promise<void> => {
  const events = STATES[state]
  if (events === undefined) throw new Error(`there is no state ${state}`)
  await database.sql`delete from members`
  for (const event of events) {
    const decoded = decode(codec.encode(event, 'user.events.v1', null), 1)
    if (!decoded.ok) throw new Error(decoded.problem)
    await applyToMembers(decoded.event, database.sql)
  }
}

/** The request with a signature of now, as a verifier's request filter does it. */
const signedAgain = async (request: Request): Promise<Request> => {
  const body = await request.text()
  const headers = new Headers(request.headers)
  const [id, at] = [headers.get('webhook-id') ?? '', new Date()]
  headers.set('webhook-timestamp', String(Math.floor(at.getTime() / 1000)))
  headers.set('webhook-signature', new Webhook(SECRET).sign(id, at, body))
  const { method, url } = request
  return new Request(url, { method, headers, ...(method === 'POST' ? { body } : {}) })
}

/** The outcome of verifying the contract against the Backend of the examples, whose answers are altered. */
const verify = async (alter: (answer: Response) => Response = (answer) => answer) => {
  const backend = makeEndpoint(database, SECRET)
  const server = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      if (new URL(request.url).pathname === '/_states') {
        const { state } = JSON.parse(await request.text())
        await enter(state)
        return Response.json({})
      }
      return alter(await backend.fetch(await signedAgain(request)))
    },
  })
  try {
    return await runVerifier(
      { kind: 'files', paths: [PATH] },
      {
        name: 'backend',
        port: server.port ?? 0,
        messagesPath: '/_messages',
        statesPath: '/_states',
      },
    )
  } finally {
    await server.stop(true)
  }
}
const brokenIn = ({ verified }: Awaited<ReturnType<typeof verify>>) =>
  verified.filter(({ mismatches }) => mismatches.length > 0).map(({ description }) => description)

describe('the Backend of the examples', () => {
  test('keeps the contract', async () => {
    const outcome = await verify()
    expect(outcome.errors).toEqual([])
    expect(outcome.verified.flatMap(({ mismatches }) => mismatches)).toEqual([])
    expect(outcome.verified).toHaveLength(8)
  }, 120_000)

  test.each<[string, (answer: Response) => Response, readonly string[]]>([
    [
      'that accepts changes that are old',
      (answer) =>
        answer.status === 409
          ? new Response(null, { status: 204, headers: answer.headers })
          : answer,
      ['a late change', 'an old change'],
    ],
    [
      'that does not say that it compares versions',
      (answer) => {
        const { status, headers } = answer
        const silent = new Headers(headers)
        silent.delete('x-sync-guard')
        return new Response(answer.body, { status, headers: silent })
      },
      [
        'a change',
        'a deletion',
        'a late change',
        'a new user',
        'an old change',
        'the question whether it compares versions',
      ],
    ],
    [
      'whose digest has no shards',
      (answer) => (answer.status === 200 ? Response.json({ users: [] }) : answer),
      ['the question what it has', 'the question which users it has in a shard'],
    ],
  ])(
    'is refused as one %s',
    async (_, alter, broken) => {
      expect(brokenIn(await verify(alter)).sort()).toEqual([...broken])
    },
    120_000,
  )
})
