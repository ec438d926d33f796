import { expect, test } from 'bun:test'
import { AckPolicy } from 'nats'
import {
  connectAs,
  documentedAccounts,
  harmBy,
  withPasswords,
} from '../../support/builders/events/nats-roles.ts'
import { givenNatsServer } from '../../support/servers/nats/given-nats.ts'

/** What somebody with the password of `backend` can do to others with these accounts. */
const harmWith = async (accounts: string): Promise<readonly string[]> => {
  const server = await givenNatsServer(accounts)
  const operator = await connectAs(server, 'operator')
  const backend = await connectAs(server, 'backend')
  const api = await operator.jetstreamManager()
  for (const [name, subject] of Object.entries({
    USER_EVENTS: 'user.events',
    USER_EVENTS_DIRECT: 'direct.user.events.*',
    USER_EVENTS_DLQ: 'dlq.user.events.*',
  }))
    await api.streams.add({ name, subjects: [subject] })
  await operator.request('user.events', 'an event')
  for (const name of ['backend', 'social'])
    await api.consumers.add('USER_EVENTS', {
      durable_name: name,
      ack_policy: AckPolicy.Explicit,
      filter_subject: 'user.events',
    })
  const harm = await harmBy(backend, operator, 'backend', 'social')
  await Promise.all([backend.close(), operator.close(), server.remove()])
  return harm
}

/** The accounts of the documents with one fault. */
const documentsWith = async (text: string, fault: string): Promise<string> => {
  const accounts = await documentedAccounts()
  expect(accounts).toContain(text)
  return accounts.replaceAll(text, fault)
}

const IN_ONE_ACCOUNT = `accounts { USERS {
  jetstream: enabled
  users: [
    { user: operator, password: $NATS_OPERATOR_PASSWORD }
    { user: auth, password: $NATS_AUTH_PASSWORD }
    { user: social, password: $NATS_SOCIAL_PASSWORD }
    { user: chat, password: $NATS_CHAT_PASSWORD }
    { user: system, password: $NATS_SYSTEM_PASSWORD }
    { user: backend, password: $NATS_BACKEND_PASSWORD, permissions: {
      publish = { allow = ["$JS.API.STREAM.INFO.USER_EVENTS", "$JS.API.STREAM.MSG.GET.USER_EVENTS"] }
      subscribe = { allow = ["_INBOX.backend.>"] }
    } }
  ]
} }`

const CREATE_AND_DELETE = [
  '$JS.API.CONSUMER.CREATE.USER_EVENTS.backend.user.events',
  '$JS.API.CONSUMER.DELETE.USER_EVENTS.backend',
]

test('the accounts of the documents let a consumer harm nobody [NT1]', async () => {
  expect(await harmWith(await documentedAccounts())).toEqual([])
})

test('a consumer in the account of the streams is noticed, whatever its permissions', async () => {
  expect(await harmWith(withPasswords(IN_ONE_ACCOUNT))).toEqual(
    expect.arrayContaining(['user.events', 'direct.user.events.social', 'dlq.user.events.social']),
  )
})

test('an import of acknowledgements that matches those of others is noticed', async () => {
  const wide = await documentsWith('.*.*.*.*.>"', '.>"')
  expect(await harmWith(wide)).toContain('USER_EVENTS.social')
})

test('a consumer that may create its durable consumer is noticed', async () => {
  const infoExport = '{ service: "$JS.API.INFO" }'
  const infoImport = '{ service: { account: USERS, subject: "$JS.API.INFO" } }'
  const exported = CREATE_AND_DELETE.map((subject) => `{ service: "${subject}" }`)
  const imported = CREATE_AND_DELETE.map(
    (subject) => `{ service: { account: USERS, subject: "${subject}" } }`,
  )
  const exporting = await documentsWith(infoExport, [infoExport, ...exported].join('\n'))
  const accounts = exporting.replace(infoImport, [infoImport, ...imported].join('\n'))
  expect(await harmWith(accounts)).toContain('USER_EVENTS.backend')
})
