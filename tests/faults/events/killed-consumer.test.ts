import { afterAll, beforeEach, expect, test } from 'bun:test'
import { join } from 'node:path'
import postgres from 'postgres'
import { POSITIONS_TABLE, readDeadLetter } from '../../../packages/user-events/src/index.ts'
import { ROOT } from '../../../scripts/repository.ts'
import {
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { storedMessages } from '../../support/builders/events/stored-messages.ts'
import type { Spawned } from '../../support/processes/native/spawn-process.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const nats = await givenNats()
const { url } = await givenPostgres()
const sql = postgres(url, { max: 2, onnotice: () => {} })
await sql.unsafe(`${POSITIONS_TABLE}; create table effects (
  position bigint generated always as identity, user_id text not null, version bigint not null)`)
const streams = await givenEventStreams(nats.connection)
const started: Spawned[] = []
afterAll(async () => {
  for (const process of started) process.signal('SIGKILL')
  await streams.close()
  await sql.end()
})
beforeEach(async () => {
  await sql`truncate effects`
})

const ACK_WAIT_SECONDS = 1
const startConsumer = (name: string, settings: Readonly<Record<string, string>> = {}) => {
  const consumer = spawnProcess(
    [join(BIN, 'bun'), join(ROOT, 'tests/support/processes/programs/consumer-program.ts')],
    {
      ...nats.environment,
      DATABASE_URL: url,
      NAME: name,
      ACK_WAIT_SECONDS: String(ACK_WAIT_SECONDS),
      ...settings,
    },
  )
  started.push(consumer)
  return consumer
}
/** Asks it to end, which it has to be ready for; answers how it did. */
const stop = async (consumer: Spawned) => {
  await says(consumer, 'ready')
  consumer.signal('SIGTERM')
  return (await consumer.ended()).exitCode
}
const says = (consumer: Spawned, word: string) =>
  consumer.waitFor(word, ({ stdout }) => (stdout.includes(word) ? word : undefined), 30)
const effectsOf = async (user: number): Promise<number[]> => {
  const rows = await sql<{ version: string }[]>`
    select version from effects where user_id = ${userIdOf(user)} order by position`
  return rows.map(({ version }) => Number(version))
}
const publish = async (user: number, ...versions: number[]) => {
  for (const version of versions)
    await streams.publish('user.events', givenUserEvent(givenChange(user, version)))
}

test('a consumer that is killed in the middle of a transaction leaves nothing, and its successor applies everything', async () => {
  const victim = startConsumer('killed', { HANG: '2' })
  await says(victim, 'ready')
  await publish(1, 1, 2)
  await says(victim, 'in the middle')
  expect(await effectsOf(1)).toEqual([1])
  victim.signal('SIGKILL')
  await victim.ended()
  const successor = startConsumer('killed')
  await eventually('all effects', 30, async () => expect(await effectsOf(1)).toEqual([1, 2]))
  expect(await stop(successor)).toBe(0)
}, 120_000)

test('a message that kills its worker each time becomes a dead letter, by the server’s advisory', async () => {
  // What is handed out together with it loses a delivery at each death, too: it shall be alone.
  const before = startConsumer('dying')
  await eventually('all before it', 30, async () => expect(await effectsOf(1)).toEqual([1, 2]))
  expect(await stop(before)).toBe(0)
  await publish(2, 7)
  const deaths = 10
  for (let death = 1; death <= deaths; death += 1) {
    const worker = startConsumer('dying', { DIE: '7' })
    expect((await worker.ended()).exitCode).toBeNull()
  }
  const survivor = startConsumer('dying', { DIE: '7' })
  const letters = async () =>
    (await storedMessages(nats.connection, 'USER_EVENTS_DLQ')).filter(
      ({ subject }) => subject === 'dlq.user.events.dying',
    )
  await eventually('the dead letter', 30, async () => expect(await letters()).toHaveLength(1))
  const [letter] = await letters()
  expect(letter && readDeadLetter(letter)).toMatchObject({
    note: { reason: 'never-answered', attempts: deaths, subject: 'user.events' },
    original: givenUserEvent(givenChange(2, 7)),
  })
  await publish(2, 8)
  await eventually('the next event', 30, async () => expect(await effectsOf(2)).toEqual([8]))
  expect(await stop(survivor)).toBe(0)
}, 180_000)
