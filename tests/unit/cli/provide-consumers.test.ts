import { describe, expect, test } from 'bun:test'
import { provideConsumers } from '../../../src/adapters/cli/events/provide-consumers.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'
import type { ProvideConsumer } from '../../../src/ports/driven/events/broker.ts'

const given = (overrides: { readonly provideConsumer?: ProvideConsumer | null } = {}) => {
  const asked: string[] = []
  const needs = {
    isBrokerReachable: () => true,
    pause: async () => {},
    provideConsumer: async (consumer: string, subject: string, deliver: string) => {
      asked.push(`${consumer} ${subject} ${deliver}`)
      return [
        { stream: 'USER_EVENTS', subject, outcome: 'replaced' as const },
        { stream: 'USER_EVENTS_DIRECT', subject: `direct.${consumer}`, outcome: 'kept' as const },
      ]
    },
    ...overrides,
  }
  return { asked, provide: (input: object) => provideConsumers.run(needs, input) }
}

describe('the command to create durable consumers', () => {
  test('creates those of each consumer for the version, and says what became of each', async () => {
    const { asked, provide } = given()
    expect(await provide({ consumers: 'backend,chat', schemaVersion: '2' })).toMatchObject({
      exitCode: 0,
      lines: ['backend', 'chat'].flatMap((name) => [
        `${name}: replaced the durable consumer; the new one reads user.events.v2 from where the old one began.`,
        `${name}: the durable consumer for direct.${name} exists and was not changed.`,
      ]),
    })
    expect(asked).toEqual(['backend user.events.v2 all', 'chat user.events.v2 all'])
    await provide({ consumers: 'social', schemaVersion: '1' })
    expect(asked.at(-1)).toBe('social user.events all')
    await provide({ consumers: 'social', schemaVersion: '1', deliver: 'new' })
    expect(asked.at(-1)).toBe('social user.events new')
  })

  test.each([
    ['a version that does not exist', { consumers: 'backend', schemaVersion: '3' }],
    ['no version', { consumers: 'backend' }],
    ['no consumer', { consumers: '', schemaVersion: '1' }],
    ['another beginning', { consumers: 'backend', schemaVersion: '1', deliver: 'last' }],
    ['a name of two tokens among others', { consumers: 'backend,a.b', schemaVersion: '1' }],
    ['a wildcard', { consumers: '*', schemaVersion: '1' }],
    ['nothing', {}],
  ])('refuses %s, and creates nothing', async (_what, input) => {
    const { asked, provide } = given()
    const { exitCode, lines } = await provide(input)
    expect(exitCode).toBe(1)
    expect(lines).toEqual([expect.stringMatching(/Nothing was changed\.$/)])
    expect(asked).toEqual([])
  })

  test('fails when events stay in the process, and when the streams are not there', async () => {
    const input = { consumers: 'backend', schemaVersion: '1' }
    expect(await given({ provideConsumer: null }).provide(input)).toMatchObject({ exitCode: 1 })
    const missing = async () => {
      throw new Unavailable('there is no USER_EVENTS')
    }
    expect(await given({ provideConsumer: missing }).provide(input)).toMatchObject({
      exitCode: 69,
      lines: [
        'This cannot be done now: there is no USER_EVENTS. It is safe to repeat the command.',
      ],
    })
  })
})
