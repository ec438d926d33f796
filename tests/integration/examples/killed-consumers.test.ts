import { afterAll, expect, test } from 'bun:test'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import {
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const nats = await givenNats()
const { url } = await givenPostgres()
const streams = await givenEventStreams(nats.connection)
afterAll(() => streams.close())

const USERS = [1, 2, 3, 4, 5, 6, 7, 8]
const LAST = 25

const start = async (name: string, environment: Readonly<Record<string, string>>) => {
  const started = spawnProcess([join(BIN, 'bun'), join(ROOT, 'examples', name, 'main.ts')], {
    ...nats.environment,
    PORT: '0',
    ACK_WAIT_SECONDS: '2',
    ...environment,
  })
  const address = await started.waitFor(
    'its address',
    ({ stdout }) => /http:\S+/.exec(stdout)?.[0],
    60,
  )
  return { ...started, address }
}

const publishAll = async (): Promise<void> => {
  for (let version = 1; version <= LAST; version += 1)
    for (const user of USERS)
      await streams.publish('user.events', givenUserEvent(givenChange(user, version)))
}

test.each([
  [
    'backend',
    { DATABASE_URL: url },
    '/members',
    (user: number): object => ({ id: userIdOf(user), version: LAST }),
  ],
  [
    'social',
    { CARDS_FILE: join(temporaryFolder(), 'cards.sqlite') },
    '/cards',
    (user: number): object => ({ id: userIdOf(user), name: `version ${LAST}` }),
  ],
] as const)(
  'the example %s, killed in the middle, ends with the newest version of each user and stops in order',
  async (name, environment, path, newest) => {
    const first = await start(name, environment)
    const publishing = publishAll()
    await first.waitFor('some effects', ({ stdout }) => stdout.split('applied')[20], 60)
    first.signal('SIGKILL')
    await first.ended()
    await publishing
    const second = await start(name, environment)
    await eventually('all is applied', 60, async () => {
      const held = await (await fetch(`${second.address}${path}`)).json()
      expect(held).toMatchObject(USERS.map((user) => newest(user)))
    })
    second.signal('SIGTERM')
    expect(await second.ended()).toMatchObject({ exitCode: 0, stderr: '' })
  },
  120_000,
)
