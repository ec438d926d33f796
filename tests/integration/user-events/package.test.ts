import { afterAll, beforeAll, describe, expect, test } from 'bun:test'
import { mkdir, readdir, readFile, realpath, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import postgres from 'postgres'
import { ROOT } from '../../../scripts/repository.ts'
import { generateSigningKey, publicJwks } from '../../../src/adapters/crypto/signing-keys.ts'
import {
  givenChange,
  givenEventStreams,
  givenUserEvent,
  userIdOf,
} from '../../support/builders/events/given-user-events.ts'
import { forge, givenAccessTokens } from '../../support/builders/sessions/given-access-tokens.ts'
import { BIN, spawnProcess } from '../../support/processes/native/spawn-process.ts'
import { DENO } from '../../support/processes/service/start-service.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'
import { givenNats } from '../../support/servers/nats/given-nats.ts'
import { givenPostgres } from '../../support/servers/postgres/given-postgres.ts'

const PACKAGE = join(ROOT, 'packages/user-events')
const nats = await givenNats()
const { url } = await givenPostgres()
const sql = postgres(url, { max: 2, onnotice: () => {} })
const streams = await givenEventStreams(nats.connection)
await sql`create table profiles (user_id text primary key, name text not null)`
const folder = temporaryFolder()
afterAll(async () => {
  await streams.close()
  await sql.end()
})

const ran = async (command: readonly string[]) => {
  const child = Bun.spawn([...command], { cwd: folder, stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr] = await Promise.all([child.stdout.text(), child.stderr.text()])
  if ((await child.exited) !== 0) throw new Error(`${command.join(' ')}\n${stdout}\n${stderr}`)
  return stdout
}

/** Outside this repository: the packed package, and what it is used with. */
beforeAll(async () => {
  const packed = join(folder, 'packed')
  const modules = join(folder, 'node_modules')
  await mkdir(join(modules, '@auth-service'), { recursive: true })
  await mkdir(packed)
  await ran(['npm', 'pack', PACKAGE, '--pack-destination', packed])
  const [archive = ''] = await readdir(packed)
  await ran(['tar', '-xzf', join(packed, archive), '-C', packed])
  await symlink(join(packed, 'package'), join(modules, '@auth-service/user-events'))
  // The packed files see the packages beside them only.
  await symlink(modules, join(packed, 'node_modules'))
  for (const name of ['nats', 'jose', 'postgres', 'drizzle-orm', 'bun-types'])
    await symlink(await realpath(join(ROOT, 'node_modules', name)), join(modules, name))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  const [consumer = '', drizzle = '', bearer = ''] = await codeOfReadme()
  const plain = new Bun.Transpiler({ loader: 'ts' })
  await writeFile(join(folder, 'consumer.js'), plain.transformSync(consumer))
  await writeFile(join(folder, 'bearer.js'), plain.transformSync(bearer))
  const typed = { consumer, drizzle, bearer: `declare const request: Request\n${bearer}` }
  for (const [name, code] of Object.entries(typed))
    await writeFile(join(folder, `${name}.ts`), code)
}, 120_000)

const codeOfReadme = async (): Promise<string[]> => {
  const readme = await readFile(join(PACKAGE, 'README.md'), 'utf8')
  return [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code)
}

/** A consumer that compiles, for the snippets below. */
const GIVEN = [
  "import type { NatsConnection } from 'nats'",
  "import { consumeUserEvents, makeMemoryStore, makePostgresStore, directSubject } from '@auth-service/user-events'",
  "import { makeVerifyBearer } from '@auth-service/user-events/bearer'",
  'declare const connection: NatsConnection',
  'const store = makeMemoryStore()',
  "const good = { connection, name: 'a', version: 1, store, handle: async () => {} } as const",
  'void [makePostgresStore, makeVerifyBearer, directSubject, store]',
].join('\n')

/** One mistake on one line each. */
const REFUSED: Readonly<Record<string, string>> = {
  'no name': 'consumeUserEvents({ connection, version: 1, store, handle: async () => {} })',
  'no store': "consumeUserEvents({ connection, name: 'a', version: 1, handle: async () => {} })",
  'a version that does not exist': 'consumeUserEvents({ ...good, version: 3 })',
  'a field of version 2 in version 1':
    'consumeUserEvents({ ...good, handle: async ({ data }) => void data.emailVerified })',
  'a field that no version has':
    'consumeUserEvents({ ...good, version: 2, handle: async ({ data }) => void data.password })',
  'an action that does not exist':
    "consumeUserEvents({ ...good, handle: async ({ action }) => void (action === 'removed') })",
  'a nullable address as text':
    'consumeUserEvents({ ...good, handle: async ({ data }) => void data.email.length })',
  'a change of the event':
    "consumeUserEvents({ ...good, handle: async ({ data }) => void (data.username = 'a') })",
  'a handler that cannot be awaited': 'consumeUserEvents({ ...good, handle: () => 5 })',
  'a transaction of another store':
    'consumeUserEvents({ ...good, handle: async (_, tx) => void tx`select 1` })',
  'a limit that does not exist': 'consumeUserEvents({ ...good, limits: { retries: 3 } })',
  'a limit as text': "consumeUserEvents({ ...good, limits: { deliveries: '3' } })",
  'a subject of one consumer': "consumeUserEvents({ ...good, subject: directSubject('a') })",
  'a store without a query': 'makePostgresStore({ transact: async (work) => work(1) })',
  'a check of tokens for any audience': "makeVerifyBearer({ issuer: 'https://auth.example.com' })",
  'a bearer without a look at the verdict':
    "makeVerifyBearer({ issuer: 'a', audience: 'b' })(null).then(({ bearer }) => bearer)",
}

const RUNTIMES = {
  bun: [join(BIN, 'bun')],
  node: ['node'],
  deno: [DENO, 'run', '--allow-all', '--quiet', '--node-modules-dir=manual'],
}

describe('the packed package', () => {
  test.each(Object.entries(RUNTIMES))(
    'consumes on %s with the code of its README',
    async (name, command) => {
      const user = Object.keys(RUNTIMES).indexOf(name) + 1
      const { NATS_URL, NATS_USER = '', NATS_PASSWORD = '' } = nats.environment
      const consumer = spawnProcess([...command, join(folder, 'consumer.js')], {
        DATABASE_URL: url,
        NATS_URL,
        NATS_USER,
        NATS_PASSWORD,
      })
      for (const version of [1, 2])
        await streams.publish('user.events', givenUserEvent(givenChange(user, version)))
      const expected = new RegExp(`(applied|gap) ${userIdOf(user)} 2`)
      await consumer.waitFor('the event', ({ stdout }) => expected.exec(stdout) ?? undefined, 30)
      expect(await sql`select name from profiles where user_id = ${userIdOf(user)}`).toMatchObject([
        { name: 'version 2' },
      ])
      await streams.publish(
        'user.events',
        givenUserEvent(givenChange(user, 3, { action: 'deleted' })),
      )
      await eventually('the deletion', 30, async () =>
        expect(await sql`select from profiles where user_id = ${userIdOf(user)}`).toHaveLength(0),
      )
      consumer.signal('SIGTERM')
      const { exitCode, stderr } = await consumer.ended()
      expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    },
    90_000,
  )

  const compile = (files: readonly string[]) => {
    const strict = ['--strict', '--noEmit', '--skipLibCheck', '--target', 'es2022']
    const how = ['--types', 'bun-types', '--moduleResolution', 'nodenext', '--module', 'nodenext']
    return [join(BIN, 'tsc'), ...strict, ...how, ...files.map((name) => join(folder, name))]
  }

  test('has types that the compiler accepts in strict mode', async () => {
    expect(await ran(compile(['consumer.ts', 'drizzle.ts', 'bearer.ts']))).toBe('')
  }, 120_000)

  test('has types that refuse what can never work', async () => {
    const names = Object.keys(REFUSED)
    const files = names.map((_, place) => `refused-${place}.ts`)
    for (const [place, code] of Object.values(REFUSED).entries())
      await writeFile(join(folder, `refused-${place}.ts`), `${GIVEN}\n${code}`)
    // What all of them begin with is right, so that only the last line of each can be wrong.
    await writeFile(join(folder, 'accepted.ts'), `${GIVEN}\nconsumeUserEvents(good)`)
    const said = await ran(compile([...files, 'accepted.ts'])).catch(String)
    const last = GIVEN.split('\n').length + 1
    const accepted = names.filter((_, place) => !said.includes(`refused-${place}.ts(${last},`))
    expect(accepted).toEqual([])
    expect(said.match(/\w+\.ts(?=\(\d+,\d+\): error)/g)?.length).toBe(names.length)
    expect(said).not.toContain('accepted.ts(')
  }, 120_000)

  test('verifies access tokens with the code of its README', async () => {
    const key = generateSigningKey('active')
    await givenAccessTokens([key])
    const now = Math.floor(Date.now() / 1000)
    const token = forge(key, { iat: now, exp: now + 600 })
    const code = await readFile(join(folder, 'bearer.js'), 'utf8')
    const keys = JSON.stringify(publicJwks([key]))
    await writeFile(
      join(folder, 'bearer-run.js'),
      `globalThis.fetch = async () => Response.json(${keys})
       const request = new Request('http://localhost', { headers: { authorization: 'Bearer ${token}' } })
       ${code.replace(/import .*\n/, '')}`.replace(/^/, `${/import .*\n/.exec(code)?.[0]}`),
    )
    expect(await ran(['node', 'bearer-run.js'])).toBe('0198f3a2-0000-7000-8000-000000000001 user\n')
  }, 60_000)
})
