import { afterAll, describe, expect, test } from 'bun:test'
import { Webhook } from 'standardwebhooks'
import { makeBackendDigest } from '../../../src/adapters/legacy-http/backend-digest.ts'
import { makeWebhookSecret } from '../../../src/main/config/backend.ts'
import { givenUserId } from '../../support/builders/events/given-events.ts'
import {
  answering,
  dyingMidAnswer,
  fakeBackend,
} from '../../support/fakes/migration/fake-backend.ts'

const fake = await fakeBackend()
afterAll(fake.close)
const secret = makeWebhookSecret()
const digest = makeBackendDigest({ url: fake.url, secrets: [secret], clock: () => new Date() })

const json = (body: unknown) =>
  answering(200, { 'content-type': 'application/json' }, JSON.stringify(body))
const SHARDS = Array.from({ length: 64 }, (_, shard) => ({
  shard,
  users: shard,
  sha256: shard.toString(16).padStart(64, 'A'),
}))

describe('the digest of Backend', () => {
  test('is asked for with a signed GET and read shard by shard', async () => {
    fake.answer(json({ shards: SHARDS }))
    const read = await digest.read()
    expect(read).toHaveLength(64)
    expect(read[63]).toEqual({ shard: 63, users: 63, sha256: `${'a'.repeat(62)}3f` })
    const { method, headers, body } = fake.requests.at(-1) ?? { method: '', headers: {}, body: '' }
    expect(method).toBe('GET')
    expect(() => new Webhook(secret).verify(body, headers)).not.toThrow()
  })

  test('has the users of a shard when Backend answers with details', async () => {
    let asked = ''
    fake.answer((response) => {
      asked = response.req.url ?? ''
      response.end(JSON.stringify({ users: [{ id: givenUserId(1), version: 7 }] }))
    })
    expect(await digest.users(17)).toEqual([{ userId: givenUserId(1), version: 7 }])
    expect(asked).toBe('/sync?shard=17')
  })

  test('has no users where Backend answers with the whole digest again', async () => {
    fake.answer(json({ shards: SHARDS }))
    expect(await digest.users(17)).toBeNull()
  })

  test.each([
    ['63 shards', json({ shards: SHARDS.slice(1) })],
    ['shards in another order', json({ shards: SHARDS.toReversed() })],
    ['a count that is a text', json({ shards: SHARDS.map((shard) => ({ ...shard, users: '1' })) })],
    ['something else', json([])],
    ['cut JSON', answering(200, {}, '{"shards":[')],
    ['a refusal', answering(401)],
    ['a redirect', answering(302, { location: fake.url })],
    ['half an answer', dyingMidAnswer],
  ])('that is %s is no digest', async (_, answer) => {
    fake.answer(answer)
    await expect(digest.read()).rejects.toMatchObject({ name: 'Unavailable' })
  })
})
