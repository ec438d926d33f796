import { afterAll, expect, test } from 'bun:test'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { connect, NatsError } from 'nats'
import { ROOT } from '../../../scripts/repository.ts'
import { storedMessages } from '../../support/builders/events/stored-messages.ts'
import { pendingCount, STREAM } from '../../support/builders/events/stream-history.ts'
import { closeSites, givenSite } from '../../support/builders/service/given-site.ts'
import { givenPeople } from '../../support/processes/service/steady-load.ts'
import { until } from '../../support/processes/timing/eventually.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'

afterAll(closeSites)

const USERS = ['AUTH', 'BACKEND', 'SOCIAL', 'CHAT', 'OPERATOR', 'SYSTEM']

test('with the accounts of the documents the service delivers, and a consumer cannot pretend to be it', async () => {
  const accounts = await readFile(join(ROOT, 'ops/nats/accounts.conf'), 'utf8')
  const passwords = USERS.map((name) => `NATS_${name}_PASSWORD: "password-of-${name}"`)
  const { url } = await givenNatsServer(`${passwords.join('\n')}\n${accounts}`)
  const site = await givenSite({
    natsUrl: url,
    environment: { NATS_USER: 'auth', NATS_PASSWORD: 'password-of-AUTH' },
  })
  const [person] = await givenPeople(await site.start(), 1)
  await until('delivered', async () => (await pendingCount(site)) === 0, 10)

  const asUser = (user: string) => ({
    servers: new URL(url).host,
    user,
    pass: `password-of-${user.toUpperCase()}`,
    inboxPrefix: `_INBOX.${user}`,
  })
  const backend = await connect(asUser('backend'))
  const forged = JSON.stringify({ id: person?.id, role: 'admin', action: 'updated' })
  const refused = await backend
    .request('user.events', forged, { timeout: 20_000 })
    .catch((fault: unknown) => fault)
  await backend.close()
  expect(refused instanceof NatsError && refused.code).toBe('PERMISSIONS_VIOLATION')
  const stored = await storedMessages(asUser('operator'), STREAM)
  expect(stored.map(({ headers }) => headers['ce-subject'])).toEqual([person?.id ?? ''])
}, 60_000)
