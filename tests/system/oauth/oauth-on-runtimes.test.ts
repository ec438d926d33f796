import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import type { Fault } from '../../../examples/fake-providers/misbehaviour.ts'
import type { FakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { startFakeProviders } from '../../../examples/fake-providers/start-fake-providers.ts'
import { problemOf, somebody } from '../../support/builders/oauth/given-oauth.ts'
import { answerIn, oauthClient } from '../../support/builders/oauth/oauth-client.ts'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import { RUNTIMES } from '../../support/processes/service/start-service.ts'

const MILLISECONDS = 60_000

let fake: FakeProviders
beforeAll(async () => {
  fake = await startFakeProviders()
})
afterAll(() => fake.close())

const FAULTS: readonly Fault[] = [
  { kind: 'closed' },
  { kind: 'html' },
  { kind: 'huge' },
  { kind: 'redirect', to: 'http://127.0.0.1:1/' },
]

describe.each(RUNTIMES)('signing in through providers on %s', (runtime) => {
  test(
    'works, is refused when the providers fail, and leaves no code, state or token in the log [OA4, OA28, LE3]',
    async () => {
      const environment = { ...fake.settings, LOG_LEVEL: 'debug', RATE_LIMITS: 'off' }
      const service = await startPreparedService({
        runtime,
        environment,
      })
      const client = oauthClient((path, init) => fetch(`${service.url}${path}`, init), fake)
      const secrets: string[] = []
      fake.behave()

      for (const provider of ['google', 'facebook', 'line']) {
        const sent = await client.start(provider)
        const callback = await fake.decide(sent.location, somebody())
        const back = await client.open(callback, sent.cookie)
        const code = client.codeFrom(back)
        const answer = await client.exchange(sent, code)
        expect([provider, answer.status]).toEqual([provider, 200])
        const { tokens } = JSON.parse(await answer.text())
        const queries = [new URL(sent.location).searchParams, new URL(callback).searchParams]
        const ours = queries.flatMap((query) =>
          ['state', 'nonce', 'code'].map((name) => query.get(name)),
        )
        secrets.push(
          ...[code, sent.state, sent.verifier, sent.cookie.split('=')[1] ?? ''],
          ...[tokens.accessToken, tokens.refreshToken],
          ...ours.filter((each) => each !== null),
        )
      }
      for (const fault of FAULTS) {
        const sent = await client.start('line')
        fake.misbehave('line', { faults: { token: fault } })
        const refused = await client.returnFromProvider(sent, somebody())
        expect([fault.kind, ...(await problemOf(refused))]).toEqual([
          ...[fault.kind, 502, 'provider-failed'],
        ])
        fake.misbehave('line', {})
      }
      const declined = await client.returnFromProvider(await client.start('google'), 'deny')
      expect(answerIn(declined).get('error')).toBe('access_denied')

      const verifiers = fake.calls('google', 'token').map(({ form }) => form.get('code_verifier'))
      secrets.push(...verifiers.filter((each) => each !== null))
      const { stdout, stderr } = (await service.stop()).exitCode === 0 ? service.output() : never()
      expect(secrets.length).toBeGreaterThan(20)
      expect(secrets.filter((secret) => `${stdout}${stderr}`.includes(secret))).toEqual([])
      expect(stdout).toContain('provider.fault')
    },
    MILLISECONDS,
  )
})

const never = (): never => {
  throw new Error('it did not stop as it should')
}
