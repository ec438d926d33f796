import { afterAll, afterEach, beforeEach, describe, expect, setSystemTime, test } from 'bun:test'
import { createHmac } from 'node:crypto'
import { Readable } from 'node:stream'
import { Webhook } from 'standardwebhooks'
import { makeUserEventCodec } from '../../../src/adapters/codec/user-event-codec.ts'
import { makeBackend } from '../../../src/adapters/legacy-http/backend.ts'
import { PublishFailure } from '../../../src/domain/events/publish-failure.ts'
import { makeWebhookSecret } from '../../../src/main/config/backend.ts'
import type { LogEvent } from '../../../src/ports/driven/shared/log.ts'
import { givenEvent } from '../../support/builders/events/given-events.ts'
import type { FakeBackend } from '../../support/fakes/migration/fake-backend.ts'
import {
  answering,
  dyingMidAnswer,
  fakeBackend,
  hanging,
} from '../../support/fakes/migration/fake-backend.ts'
import { selfSignedCertificate } from '../../support/servers/network/self-signed-certificate.ts'

/** The timeout for answers that come, even on a busy machine; and the one for answers that do not. */
const LONG = 30_000
const SHORT = 300
const MEGABYTE = Buffer.alloc(1024 * 1024)
const SECRETS = [makeWebhookSecret(), makeWebhookSecret()] as const
const codec = makeUserEventCodec({
  source: 'https://auth.example.com',
  typePrefix: 'com.example.auth',
})
const event = {
  ...givenEvent(1, 7, new Date('2026-11-24T12:00:00.000Z')),
  traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',
}
const message = codec.encode(event, 'user.events.v1', null)

const given = (url: string, withinMs = LONG) => {
  const logged: LogEvent[] = []
  let milliseconds = 0
  const backend = makeBackend({
    url,
    secrets: SECRETS,
    withinMs,
    clock: () => new Date(),
    monotonic: () => milliseconds,
    log: (_level, name) => logged.push(name),
  })
  return {
    ...backend,
    logged,
    send: () => backend.receiver.send(event.eventId, message),
    /** So much time passes, by both clocks. */
    later: (by: number) => {
      milliseconds += by
      setSystemTime(new Date(Date.now() + by))
    },
  }
}

const failureOf = async (sending: Promise<unknown>): Promise<PublishFailure> => {
  const failure = await sending.then(
    () => null,
    (fault: unknown) => fault,
  )
  if (!(failure instanceof PublishFailure)) throw new Error('it did not fail as it must')
  return failure
}

const fake: FakeBackend = await fakeBackend()
afterAll(fake.close)
beforeEach(() => fake.answer(answering(204)))
afterEach(() => void setSystemTime())
const lastRequest = () => {
  const request = fake.requests.at(-1)
  if (request === undefined) throw new Error('nothing was asked')
  return request
}

describe('what Backend is sent over HTTP', () => {
  test('is the body of version 1 with the headers of the envelope, byte for byte', async () => {
    await given(fake.url).send()
    const { method, headers, body } = lastRequest()
    expect(method).toBe('POST')
    expect(body).toBe(new TextDecoder().decode(message.body))
    const { 'Nats-Msg-Id': _, ...envelope } = message.headers
    expect(headers).toMatchObject({ ...envelope, 'content-type': 'application/json' })
    expect(headers['ce-sequence']).toBe('00000000000000000007')
    expect(headers['traceparent']).toBe(event.traceparent)
  })

  test('contains no header that is for brokers only', async () => {
    await given(fake.url).send()
    expect(Object.keys(lastRequest().headers)).not.toContain('nats-msg-id')
  })

  test('is signed by Standard Webhooks under the id of the event, with each secret', async () => {
    await given(fake.url).send()
    const { headers, body } = lastRequest()
    expect(headers['webhook-id']).toBe(event.eventId)
    for (const secret of SECRETS)
      expect(new Webhook(secret).verify(body, headers)).toMatchObject({ id: event.userId })
    expect(() => new Webhook(makeWebhookSecret()).verify(body, headers)).toThrow('No matching')
  })

  test('carries the signature that the standard computes', async () => {
    await given(fake.url).send()
    const { headers, body } = lastRequest()
    const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
    const signatures = SECRETS.map((secret) => {
      const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
      return `v1,${createHmac('sha256', key).update(signed).digest('base64')}`
    })
    expect(headers['webhook-signature']).toBe(signatures.join(' '))
    expect(Math.abs(Number(headers['webhook-timestamp']) - Date.now() / 1000)).toBeLessThan(60)
  })
})

describe('an answer of Backend', () => {
  test.each([200, 201, 202, 204])('%d is done', async (status) => {
    fake.answer(answering(status))
    expect(await given(fake.url).send()).toEqual({ alreadyNewer: false })
  })

  test('409 is done: it has a newer version', async () => {
    fake.answer(answering(409, {}, '{"code":"already-newer"}'))
    expect(await given(fake.url).send()).toEqual({ alreadyNewer: true })
  })

  test.each([
    [401, 'retryable'],
    [403, 'retryable'],
    [404, 'retryable'],
    [408, 'retryable'],
    [429, 'retryable'],
    [500, 'retryable'],
    [503, 'retryable'],
    [400, 'permanent'],
    [413, 'permanent'],
    [415, 'permanent'],
    [422, 'permanent'],
  ])('%d is no success but %s, and its number is in the message', async (status, kind) => {
    fake.answer(answering(status, {}, 'secrets of the receiver'))
    const failure = await failureOf(given(fake.url).send())
    expect([failure.kind, failure.message]).toEqual([kind as never, `answered ${status}`])
  })

  test.each([301, 302, 303, 307, 308])(
    'a redirect by %d is not followed and is no success',
    async (status) => {
      const before = fake.requests.length
      fake.answer(answering(status, { location: fake.url }))
      const failure = await failureOf(given(fake.url).send())
      expect(failure.kind).toBe('retryable')
      expect(failure.message).toMatch(/answered (\d+|with a redirect)/)
      expect(fake.requests.length - before).toBe(1)
    },
  )

  test('that does not come in time is ambiguous', async () => {
    fake.answer(hanging)
    const before = performance.now()
    const failure = await failureOf(given(fake.url, SHORT).send())
    expect([failure.kind, failure.message]).toEqual(['ambiguous', 'no answer in time'])
    expect(performance.now() - before).toBeGreaterThan(SHORT - 50)
  })

  test('whose body does not come in time is ambiguous', async () => {
    fake.answer((response) => {
      response.writeHead(200)
      response.write('and then')
    })
    const failure = await failureOf(given(fake.url, SHORT).send())
    expect([failure.kind, failure.message]).toEqual(['ambiguous', 'no answer in time'])
  })

  test('that breaks off is ambiguous', async () => {
    fake.answer(dyingMidAnswer)
    const failure = await failureOf(given(fake.url).send())
    expect(failure.kind).toBe('ambiguous')
    expect(failure.message).toStartWith('no answer: ')
  })

  test('of 50 MB is read no further than it has to be', async () => {
    let written = 0
    fake.answer((response) => {
      response.writeHead(200)
      response.on('error', () => {})
      const blocks = function* () {
        for (let block = 0; block < 50; block += 1) {
          written += MEGABYTE.length
          yield MEGABYTE
        }
      }
      Readable.from(blocks()).pipe(response)
    })
    expect(await given(fake.url).send()).toEqual({ alreadyNewer: false })
    expect(written).toBeLessThan(25 * MEGABYTE.length)
  })

  test('is not waited for when the port is closed', async () => {
    const gone = await fakeBackend()
    gone.close()
    const failure = await failureOf(given(gone.url).send())
    expect(failure.kind).toBe('ambiguous')
    expect(failure.message).not.toContain('127.0.0.1')
  })

  test('from a server with an untrusted certificate does not count, and nothing is sent', async () => {
    const stranger = await fakeBackend(selfSignedCertificate())
    try {
      const failure = await failureOf(given(stranger.url).send())
      expect(failure.kind).toBe('ambiguous')
      expect(stranger.requests).toEqual([])
    } finally {
      stranger.close()
    }
  })
})

describe('a Backend that keeps failing', () => {
  const failTimes = async (subject: ReturnType<typeof given>, times: number): Promise<void> => {
    for (let time = 0; time < times; time += 1) await failureOf(subject.send())
  }

  test('gets no requests after three failures', async () => {
    fake.answer(answering(500))
    const subject = given(fake.url)
    await failTimes(subject, 2)
    expect(subject.receiver.isReady()).toBe(true)
    await failTimes(subject, 1)
    expect(subject.receiver.isReady()).toBe(false)
    const before = fake.requests.length
    expect((await failureOf(subject.send())).kind).toBe('retryable')
    expect(fake.requests.length).toBe(before)
    expect(subject.logged).toEqual(['backend.lost'])
  })

  test('gets no requests even at one change a second', async () => {
    fake.answer(answering(503))
    const subject = given(fake.url)
    let tries = 0
    while (subject.receiver.isReady() && tries < 6) {
      await failureOf(subject.send())
      tries += 1
      subject.later(1000)
    }
    expect(subject.receiver.isReady()).toBe(false)
    expect(tries).toBeLessThan(6)
  })

  test('is tried with one request after five seconds, and is back when that succeeds', async () => {
    fake.answer(answering(500))
    const subject = given(fake.url)
    await failTimes(subject, 3)
    subject.later(4900)
    expect(subject.receiver.isReady()).toBe(false)
    subject.later(200)
    expect(subject.receiver.isReady()).toBe(true)
    fake.answer(answering(204))
    const sending = subject.send()
    expect(subject.receiver.isReady()).toBe(false)
    await sending
    expect(subject.receiver.isReady()).toBe(true)
    expect(subject.logged).toEqual(['backend.lost', 'backend.guard', 'backend.back'])
  })

  test('still gets no requests when the one request fails too', async () => {
    fake.answer(answering(500))
    const subject = given(fake.url)
    await failTimes(subject, 3)
    subject.later(5100)
    await failTimes(subject, 1)
    expect(subject.receiver.isReady()).toBe(false)
    subject.later(5100)
    expect(subject.receiver.isReady()).toBe(true)
  })

  test('still gets requests after it refused messages', async () => {
    fake.answer(answering(422))
    const subject = given(fake.url)
    await failTimes(subject, 10)
    expect(subject.receiver.isReady()).toBe(true)
  })
})

describe('the guard of Backend', () => {
  test('is unknown before the first answer', () => {
    expect(given(fake.url).guard.latest()).toBe('unknown')
  })

  test.each([
    ['says so', 204, { 'x-sync-guard': 'version' }, 'version'],
    ['says so in a 409', 409, { 'x-sync-guard': 'version' }, 'version'],
    ['says nothing', 204, {}, 'none'],
    ['says something else', 204, { 'x-sync-guard': 'time' }, 'none'],
    ['refuses who asks', 401, { 'x-sync-guard': 'version' }, 'unknown'],
    ['fails', 500, {}, 'unknown'],
  ] as const)('that %s (%d) is known when it is asked', async (_, status, headers, known) => {
    fake.answer(answering(status, headers))
    const { guard } = given(fake.url)
    expect(await guard.ask()).toBe(known)
    expect(guard.latest()).toBe(known)
  })

  test('is asked by a signed OPTIONS without a body', async () => {
    await given(fake.url).guard.ask()
    const { method, headers, body } = lastRequest()
    expect([method, body]).toEqual(['OPTIONS', ''])
    expect(() => new Webhook(SECRETS[0]).verify(body, headers)).not.toThrow()
  })

  test('is remembered from the answer to any change, and forgotten with the next that lacks it', async () => {
    const subject = given(fake.url)
    fake.answer(answering(204, { 'x-sync-guard': 'version' }))
    await subject.send()
    expect(subject.guard.latest()).toBe('version')
    fake.answer(answering(500))
    await failureOf(subject.send())
    expect(subject.guard.latest()).toBe('version')
    fake.answer(answering(200))
    await subject.send()
    expect(subject.guard.latest()).toBe('none')
  })

  test('that does not answer is unknown in time, and what was known stays', async () => {
    const subject = given(fake.url, 10 * SHORT)
    fake.answer(answering(204, { 'x-sync-guard': 'version' }))
    await subject.send()
    fake.answer(hanging)
    expect(await subject.guard.ask()).toBe('unknown')
    expect(subject.guard.latest()).toBe('version')
  })
})
