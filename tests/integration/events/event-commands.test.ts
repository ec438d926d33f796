import { beforeAll, beforeEach, describe, expect, test } from 'bun:test'
import { StorageType } from 'nats'
import { freshStream } from '../../support/builders/events/given-publisher.ts'
import { storedMessages, withJetStream } from '../../support/builders/events/stored-messages.ts'
import { register } from '../../support/builders/http/given-http.ts'
import { preparedData } from '../../support/processes/service/prepared-data.ts'
import { runCommand, startService } from '../../support/processes/service/start-service.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import type { GivenNats } from '../../support/servers/nats/given-nats.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'

const LONG = 60_000

let nats: GivenNats
let dataDirectory: string
beforeAll(async () => {
  nats = await givenNats()
  dataDirectory = await preparedData()
}, LONG)
beforeEach(() =>
  withJetStream(nats.connection, async ({ streams }) => {
    for (const name of ['USER_EVENTS', 'USER_EVENTS_DIRECT', 'USER_EVENTS_DLQ'])
      await streams.delete(name).catch(() => {})
  }),
)

const environment = (provision: 'apply' | 'verify') => ({
  ...nats.environment,
  NATS_PROVISION: provision,
  NATS_STREAM_REPLICAS: '1',
})

describe('auth nats apply', () => {
  const apply = () =>
    runCommand(['nats', 'apply'], { dataDirectory, environment: environment('verify') })

  test(
    'creates the three streams where the service may not, and finds them as required the next time',
    async () => {
      expect(await apply()).toMatchObject({
        exitCode: 0,
        stderr: '',
        stdout: 'Created USER_EVENTS.\nCreated USER_EVENTS_DIRECT.\nCreated USER_EVENTS_DLQ.\n',
      })
      const again = await apply()
      expect(again).toMatchObject({ exitCode: 0, stderr: '' })
      expect(again.stdout.match(/ is configured as required\.$/gm)).toHaveLength(3)
    },
    LONG,
  )

  test(
    'leaves a stream in memory unchanged and says exactly why',
    async () => {
      await freshStream(nats.connection, { storage: StorageType.Memory })
      const refused = await apply()
      expect(refused).toMatchObject({ exitCode: 1, stdout: '' })
      expect(refused.stderr.split('\n')).toEqual([
        'USER_EVENTS was not changed. An operator has to correct this:',
        '  storage is memory and must be file',
        'Created USER_EVENTS_DIRECT.',
        'Created USER_EVENTS_DLQ.',
        '',
      ])
    },
    LONG,
  )
})

describe('auth events replay', () => {
  test(
    'stores the same event again in the duplicate window, under another message id',
    async () => {
      const service = await startService({ dataDirectory, environment: environment('apply') })
      const { user } = (await register(service)).body
      const stored = async () =>
        (await storedMessages(nats.connection, 'USER_EVENTS')).filter(
          ({ headers }) => headers['ce-subject'] === user.id,
        )
      await eventually('the event', 20, async () => expect(await stored()).toHaveLength(1))
      const words = ['events', 'replay', '--channel', 'nats:user.events', '--user', user.id]
      expect(await runCommand(words, { dataDirectory })).toMatchObject({ exitCode: 0 })
      await eventually('the event again', 20, async () => expect(await stored()).toHaveLength(2))
      const [first, again] = await stored()
      const { 'Nats-Msg-Id': firstId = '', ...envelope } = first?.headers ?? {}
      const { 'Nats-Msg-Id': secondId = '', ...envelopeAgain } = again?.headers ?? {}
      expect(envelopeAgain).toEqual(envelope)
      expect(again?.body).toEqual(first?.body ?? new Uint8Array())
      expect(secondId.startsWith(`${firstId}:r`)).toBe(true)
      await service.stop()
    },
    LONG,
  )
})
