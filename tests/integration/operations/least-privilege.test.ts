import { afterAll, expect, test } from 'bun:test'
import { NatsError } from 'nats'
import {
  connectAs,
  documentedAccounts,
  passwordOf,
} from '../../support/builders/events/nats-roles.ts'
import { storedMessages } from '../../support/builders/events/stored-messages.ts'
import { pendingCount, STREAM } from '../../support/builders/events/stream-history.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { givenPeople } from '../../support/processes/service/steady-load.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'

afterAll(closeSites)

test('with the accounts of the documents the service delivers, and a consumer cannot pretend to be it', async () => {
  const server = await givenNatsServer(await documentedAccounts())
  const site = await givenSite({
    natsUrl: server.url,
    environment: { NATS_USER: 'auth', NATS_PASSWORD: passwordOf('auth') },
  })
  const [person] = await givenPeople(await site.start(), 1)
  await until('delivered', async () => (await pendingCount(site)) === 0, 10)

  const backend = await connectAs(server, 'backend')
  const forged = JSON.stringify({ id: person?.id, role: 'admin', action: 'updated' })
  const refused = await backend
    .request('user.events', forged, { timeout: 20_000 })
    .catch((fault: unknown) => fault)
  await backend.close()
  expect(refused instanceof NatsError && refused.code).toBe('503')
  const stored = await storedMessages(
    { servers: new URL(server.url).host, user: 'operator', pass: passwordOf('operator') },
    STREAM,
  )
  expect(stored.map(({ headers }) => headers['ce-subject'])).toEqual([person?.id ?? ''])
}, 60_000)
