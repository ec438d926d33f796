import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { headers as emptyHeaders } from 'nats'
import type { SchemaVersion } from '../../../packages/user-events/src/index.ts'
import { decode, toVersion1, writeDeadLetter } from '../../../packages/user-events/src/index.ts'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import type { FoundMessage } from '../../support/builders/events/stored-messages.ts'
import { storedMessages, withJetStream } from '../../support/builders/events/stored-messages.ts'
import { wholeHistory } from '../../support/builders/events/stream-history.ts'
import { send, signIn } from '../../support/builders/http/given-http.ts'
import type { Site } from '../../support/builders/service/given-site.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import type { Follower } from '../../support/fakes/events/follower.ts'
import { startFollower } from '../../support/fakes/events/follower.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { runCommand } from '../../support/processes/service/start-service.ts'
import type { Person } from '../../support/processes/service/steady-load.ts'
import { change, givenPeople } from '../../support/processes/service/steady-load.ts'
import { until } from '../../support/processes/timing/eventually.ts'

const LONG = 60_000
const SECONDS = 10

let site: Site
let service: Service
let backend: Follower
let bearer: string
beforeAll(async () => {
  site = await givenSite()
  service = await site.start()
  backend = await startFollower(site.nats, 'backend')
  const admin = ['admin', 'create', '--email', 'ada@example.com', '--username', 'ada']
  await runCommand(admin, { environment: site.environment, stdin: PASSWORD })
  bearer = (await signIn(service, 'ada')).body.tokens.accessToken
}, LONG)
afterAll(async () => {
  await backend.stop()
  await closeSites()
})

const auth = (...words: readonly string[]) => runCommand(words, { environment: site.environment })
const historyOf = async ({ id }: Pick<Person, 'id'>) =>
  (await wholeHistory(site, SECONDS)).filter(({ headers }) => headers['ce-subject'] === id)
const directs = () => storedMessages(site.nats, 'USER_EVENTS_DIRECT')
const deadLetters = () => storedMessages(site.nats, 'USER_EVENTS_DLQ')
const someone = async (): Promise<Person> => {
  const [person] = await givenPeople(service, 1)
  if (person === undefined) throw new Error('nobody')
  return person
}
/** What this consumer received on its own subject since then, once there is that much. */
const directVerdicts = async (count: number, before: number) => {
  const mine = () => backend.verdicts.filter(({ subject }) => subject.startsWith('direct.'))
  await until(`${count} direct messages`, () => mine().length >= before + count, SECONDS)
  return mine()
    .slice(before)
    .map(({ verdict }) => verdict)
}
const directCount = () =>
  backend.verdicts.filter(({ subject }) => subject.startsWith('direct.')).length
/** What a consumer does with a message at last. */
const giveUp = async ({ headers, body, subject, sequence }: FoundMessage, consumer = 'backend') => {
  const note = {
    consumer,
    reason: 'handler-failed' as const,
    detail: 'the disk is full',
    attempts: 10,
    stream: 'USER_EVENTS',
    sequence,
    subject,
    at: new Date(),
  }
  const letter = writeDeadLetter({ headers, body }, note, 'created')
  await withJetStream(site.nats, async (api) => {
    const fields = emptyHeaders()
    for (const [name, value] of Object.entries(letter.headers)) fields.set(name, value)
    await api.jetstream().publish(`dlq.user.events.${consumer}`, letter.body, { headers: fields })
  })
}

describe('a dead letter', () => {
  test(
    'is listed with everything needed, redriven as it was, and then gone',
    async () => {
      const person = await someone()
      const [original] = await historyOf(person)
      if (original === undefined) throw new Error('no event')
      await until('the event', () => backend.users.has(person.id), SECONDS)
      await giveUp(original)
      const listed = await send(service, 'GET', '/v1/admin/dead-letters?consumer=backend', {
        bearer,
      })
      expect(listed).toMatchObject({
        status: 200,
        body: {
          items: [
            {
              kind: 'dead-letter',
              consumer: 'backend',
              channel: null,
              userId: person.id,
              eventId: original.headers['ce-id'],
              version: 1,
              attempts: 10,
              reason: 'handler-failed',
              detail: 'the disk is full',
              subject: 'user.events',
              streamSequence: original.sequence,
            },
          ],
          nextCursor: null,
        },
      })
      const [{ id }] = listed.body.items
      const shown = (await auth('dead-letters', 'list', '--consumer', 'backend')).stdout
      expect(shown).toContain(`dead letter ${id} of backend  ${person.id} v1`)
      expect(shown).not.toContain(person.username)

      const before = directCount()
      const redriven = await send(service, 'POST', '/v1/admin/dead-letters/redrive', {
        body: { consumer: 'backend', ids: [id] },
        bearer,
      })
      expect(redriven).toMatchObject({ status: 202, body: { redriven: 1 } })
      expect(await directVerdicts(1, before)).toEqual(['duplicate'])
      expect(await deadLetters()).toEqual([])
      const again = (await directs()).at(-1)
      const { 'Nats-Msg-Id': messageId, ...headers } = again?.headers ?? {}
      const { 'Nats-Msg-Id': originalId, ...originalHeaders } = original.headers
      expect(again).toMatchObject({ subject: 'direct.user.events.backend', body: original.body })
      expect(headers).toEqual(originalHeaders)
      expect(messageId).not.toBe(originalId)
      expect(messageId).toStartWith(String(originalId))
    },
    LONG,
  )

  test(
    'of an old version has no effect, and one of a deleted user does not revive the user',
    async () => {
      const [changed, gone] = [await someone(), await someone()]
      await change(service, changed)
      await change(service, gone)
      expect((await send(service, 'DELETE', '/v1/users/me', { bearer: gone.bearer })).status).toBe(
        204,
      )
      const letters = [...(await historyOf(changed)).slice(0, 1), ...(await historyOf(gone))]
      expect(letters).toHaveLength(4)
      await until('the deletion', () => backend.users.get(gone.id)?.version === 3, SECONDS)
      await until('the change', () => backend.users.get(changed.id)?.version === 2, SECONDS)
      const held = [backend.users.get(changed.id), backend.users.get(gone.id)]
      expect(held).toMatchObject([{ version: 2 }, { version: 3, data: null }])
      for (const letter of letters) await giveUp(letter)
      const before = directCount()
      expect(await auth('dead-letters', 'redrive', '--consumer', 'backend')).toMatchObject({
        exitCode: 0,
        stdout: 'Sent backend 4 dead letters again.\n',
      })
      expect(await directVerdicts(4, before)).toEqual(['stale', 'stale', 'stale', 'duplicate'])
      expect([backend.users.get(changed.id), backend.users.get(gone.id)]).toEqual(held)
      expect(await deadLetters()).toEqual([])
    },
    LONG,
  )

  test(
    'goes to its own consumer only, and the others stay where they are',
    async () => {
      const person = await someone()
      const [original] = await historyOf(person)
      if (original === undefined) throw new Error('no event')
      await until('the event', () => backend.users.has(person.id), SECONDS)
      const before = directCount()
      await giveUp(original, 'social')
      await giveUp(original, 'backend')
      const ids = (await deadLetters()).map(({ sequence }) => sequence)
      const redriven = await auth(
        ...['dead-letters', 'redrive', '--consumer', 'backend', '--id', ids.join()],
      )
      expect(redriven.stdout).toBe('Sent backend 1 dead letter again.\n')
      expect(await directVerdicts(1, before)).toEqual(['duplicate'])
      expect((await deadLetters()).map(({ subject }) => subject)).toEqual([
        'dlq.user.events.social',
      ])
      expect((await auth('dead-letters', 'redrive', '--consumer', 'social')).exitCode).toBe(0)
      expect((await directs()).at(-1)?.subject).toBe('direct.user.events.social')
    },
    LONG,
  )
})

describe('a replay to one consumer', () => {
  test(
    'gives a reader of version 1 a span of the ledger as version 2, in order, and no other consumer gets it',
    async () => {
      const person = await someone()
      await change(service, person)
      await send(service, 'DELETE', '/v1/users/me', { bearer: person.bearer })
      const history = await historyOf(person)
      await until('all of it', () => backend.users.get(person.id)?.version === 3, SECONDS)
      const words = ['events', 'replay', '--to', 'backend', '--user', person.id]
      expect(await auth(...words, '--dry-run')).toMatchObject({
        stdout: '3 events would be sent. Nothing was changed.\n',
      })
      const [before, count] = [directCount(), (await wholeHistory(site, SECONDS)).length]
      expect(await auth(...words, '--rate', '2')).toMatchObject({
        exitCode: 0,
        stdout: 'Sent 3 to backend, and to nobody else.\n',
      })
      expect(await directVerdicts(3, before)).toEqual(['stale', 'stale', 'duplicate'])
      const again = (await directs()).slice(-3)
      expect(again.map(({ headers }) => headers['ce-id'])).toEqual(
        history.map(({ headers }) => headers['ce-id']),
      )
      expect(again.map((message) => toVersion1(eventOf(message, 2).data))).toEqual(
        history.map((message) => eventOf(message, 1).data),
      )
      expect(await wholeHistory(site, SECONDS)).toHaveLength(count)
      expect(new Set(again.map(({ subject }) => subject))).toEqual(
        new Set(['direct.user.events.backend']),
      )
    },
    LONG,
  )

  test(
    'has version 2 or the given one, and needs a known consumer unless a version is given',
    async () => {
      const person = await someone()
      await historyOf(person)
      const replay = (...words: readonly string[]) =>
        auth('events', 'replay', '--user', person.id, ...words)
      const last = async () => (await directs()).at(-1) ?? never()
      expect(await replay('--to', 'backend')).toMatchObject({ exitCode: 0 })
      expect(decode(await last(), 2).ok).toBe(true)
      expect(await replay('--to', 'backend', '--schema', '1')).toMatchObject({ exitCode: 0 })
      expect(decode(await last(), 2).ok).toBe(false)
      expect(decode(await last(), 1).ok).toBe(true)
      const unknown = await replay('--to', 'nobody')
      expect(unknown.exitCode).toBe(1)
      expect(unknown.stderr).toContain('--schema 1 or --schema 2')
      expect(await replay('--to', 'nobody', '--schema', '1')).toMatchObject({ exitCode: 0 })
      expect(await last()).toMatchObject({ subject: 'direct.user.events.nobody' })
      for (const name of ['a.b', '*', '>', 'a b', ''])
        expect((await replay('--to', name)).exitCode).toBeGreaterThan(0)
    },
    LONG,
  )
})

const eventOf = <Version extends SchemaVersion>(message: FoundMessage, version: Version) => {
  const decoded = decode(message, version)
  if (!decoded.ok) throw new Error(decoded.problem)
  return decoded.event
}

const never = (): never => {
  throw new Error('nothing is there')
}
