import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { FakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { startFakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import type { ComposedService } from '../../support/composed-service.ts'
import { composedService } from '../../support/composed-service.ts'
import { oauthClient } from '../../support/oauth-client.ts'

let fake: FakeProviders
let service: ComposedService
let client: ReturnType<typeof oauthClient>
beforeAll(async () => {
  fake = await startFakeProviders()
  service = await composedService({ ...fake.settings, RATE_LIMITS: 'off' })
  client = oauthClient(service.ask, fake)
}, 60_000)
afterAll(async () => {
  await service.end()
  await fake.close()
})

describe('a first sign-in', () => {
  test.each(['google', 'facebook', 'line'])('through %s makes an account', async (provider) => {
    const person = { name: `Ada ${provider}`, email: null, verified: false }
    const signedIn = await client.signIn(provider, person)
    expect(signedIn).toMatchObject({
      created: true,
      user: { email: null, displayName: person.name },
    })
  })
})
