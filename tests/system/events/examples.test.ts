import { expect, test } from 'bun:test'
import { join } from 'node:path'
import { connect } from 'nats'
import { ROOT } from '../../../scripts/repository.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

const START_SECONDS = 120
const SEEN_SECONDS = 30

const addressIn = (stdout: string, name: string): string =>
  new RegExp(`^  ${name} +(http://[\\d.:]+)`, 'm').exec(stdout)?.[1] ?? ''

const sees = (what: string, url: string, expected: readonly object[]) =>
  eventually(what, SEEN_SECONDS, async () => {
    expect(await (await fetch(url)).json()).toMatchObject(expected)
  })

test('bun run examples starts a service and three consumers who follow it, and ends them together', async () => {
  const { TEST_NATS_SOURCE } = process.env
  const environment = { EXAMPLES_PORTS: 'free', TEST_NATS_SOURCE, NODE_ENV: 'development' }
  const words = [join(BIN, 'bun'), join(ROOT, 'scripts/run-examples.ts'), 'newsletter']
  const run = spawnProcess(words, environment)
  const printed = await run.waitFor(
    'the start',
    ({ stdout }) => (/^ {2}newsletter .*\n/m.test(stdout) ? stdout : undefined),
    START_SECONDS,
  )
  const [auth, backend, social, chat] = ['auth-service', 'Backend', 'Social', 'Chat'].map((name) =>
    addressIn(printed, name),
  )
  const registered = await fetch(`${auth}/v1/auth/register`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      email: 'ada@example.com',
      username: 'ada',
      password: 'correct horse battery staple',
    }),
  })
  const { user, tokens } = JSON.parse(await registered.text())
  await sees('Backend has her', `${backend}/members`, [
    { id: user.id, username: 'ada', version: 1 },
  ])
  await sees('Social has her', `${social}/cards`, [{ id: user.id, name: 'ada' }])

  const authorization = `Bearer ${tokens.accessToken}`
  const stream = await fetch(`${chat}/stream`, { headers: { authorization } })
  expect(stream.status).toBe(200)
  await sees('Chat has her', `${chat}/presence`, [{ userId: user.id, name: 'ada' }])
  await fetch(`${auth}/v1/users/me`, { method: 'DELETE', headers: { authorization } })
  // It ends, since Chat sends her away: the token is good for minutes yet.
  expect(await stream.text()).toContain('event: goodbye')
  expect((await fetch(`${chat}/stream`, { headers: { authorization } })).status).toBe(403)
  expect((await fetch(`${chat}/stream`)).status).toBe(401)
  await sees('Backend has nobody', `${backend}/members`, [])
  await sees('Social has nobody', `${social}/cards`, [])

  // A consumer of somebody else has an account, and its durable consumers.
  const [, servers = '', account = '', pass = ''] =
    / NATS_URL=nats:\/\/(\S+) NATS_USER=(newsletter) NATS_PASSWORD=(\S+)/.exec(printed) ?? []
  const newsletter = await connect({ servers, user: account, pass })
  for (const stream of ['USER_EVENTS', 'USER_EVENTS_DIRECT'])
    expect(await newsletter.jetstream().consumers.get(stream, 'newsletter')).toBeDefined()
  await newsletter.close()

  run.signal('SIGTERM')
  expect(await run.ended()).toMatchObject({ exitCode: 143, stderr: '' })
  for (const url of [auth, backend, social, chat]) expect(fetch(`${url}/health`)).rejects.toThrow()
}, 240_000)
