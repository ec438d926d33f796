import { execFile, spawn, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePorts } from '../tests/support/processes/native/free-port.ts'
import {
  atTheEnd,
  endEverything,
  endOnSignals,
} from '../tests/support/processes/test-run/at-the-end.ts'
import { newFolder, removeRunFolder } from '../tests/support/processes/test-run/test-run.ts'
import { eventually, Hopeless } from '../tests/support/processes/timing/eventually.ts'
import { startNats } from '../tests/support/servers/nats/start-nats.ts'
import { findServerSources } from '../tests/support/servers/provide/find-server-sources.ts'
import { ROOT, readFrom } from './repository.ts'

// `bun run examples` starts NATS, the service and the three example consumers, and stops them on Ctrl-C. NATS has the
// accounts of ops/nats/accounts.conf, as in an installation. Further names are consumers that get an account, too:
// `bun run examples newsletter`.

type Program = {
  readonly name: string
  readonly folder: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  /** This URL answers 200 when the program is ready. */
  readonly healthUrl: string
}

const START_SECONDS = 60

/** Starts a program and waits until it is healthy. At the end of this process it gets SIGTERM, and its end is awaited. */
const startProgram = async ({
  name,
  folder,
  command: [file = '', ...words],
  ...program
}: Program) => {
  const child = spawn(file, words, {
    cwd: join(ROOT, folder),
    env: { ...process.env, ...program.environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    // Detached, so that Ctrl-C reaches this process only. It then stops the programs in the right order.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  atTheEnd(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await eventually(`${name} is healthy`, START_SECONDS, async () => {
    if (child.exitCode !== null) throw new Hopeless(`it ended with ${child.exitCode}`)
    const { status } = await fetch(program.healthUrl)
    if (status !== 200) throw new Error(`it answers ${status}`)
  })
}

const choosePorts = async (): Promise<readonly number[]> =>
  process.env['EXAMPLES_PORTS'] === 'free' ? freePorts(4) : [3000, 4001, 4002, 4003]

const CONSUMERS = ['backend', 'social', 'chat']

/** The accounts of ops/nats with a new password for each user, an account for each guest, and the settings of a client. */
const makeAccounts = async (guests: readonly string[]) => {
  const written = await readFrom('ops/nats/accounts.conf')
  const [social = ''] = /^ {2}social \{$.*?^ {2}\}$/ms.exec(written) ?? []
  const accounts = guests.map((guest) =>
    social.replaceAll('social', guest).replaceAll('SOCIAL', upper(guest)),
  )
  const users = ['auth', ...CONSUMERS, ...guests, 'operator', 'system']
  // The first character is a letter, because NATS refuses a number as a password.
  const passwords = new Map(users.map((user) => [user, `p${randomBytes(16).toString('hex')}`]))
  const lines = [...passwords].map(
    ([user, password]) => `NATS_${upper(user)}_PASSWORD: "${password}"`,
  )
  return {
    config: [...lines, written.replace(social, [social, ...accounts].join('\n'))].join('\n'),
    settingsOf: (user: string) => ({
      NATS_USER: user,
      NATS_PASSWORD: passwords.get(user) ?? '',
    }),
  }
}

const upper = (name: string): string => name.replaceAll('-', '_').toUpperCase()

/** Creates the durable consumers, as soon as the service has created the streams. */
const provideConsumers = (
  consumers: readonly string[],
  environment: Readonly<Record<string, string>>,
): Promise<void> =>
  eventually('the durable consumers', START_SECONDS, async () => {
    const words = ['nats', 'consumer', ...consumers, '--schema', '1']
    await promisify(execFile)(process.execPath, ['src/main/cli.ts', ...words], {
      cwd: ROOT,
      env: { ...process.env, ...environment },
    })
  })

const settingsLine = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `${name}=${value}`)
    .join(' ')

const start = async (guests: readonly string[]): Promise<void> => {
  const [auth = 0, backend = 0, social = 0, chat = 0] = await choosePorts()
  const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`
  const [{ source, from }] = await findServerSources('NATS')
  const accounts = await makeAccounts(guests)
  const nats = await startNats(source, accounts.config)
  atTheEnd(nats.remove)
  console.log(`NATS ${nats.version} from ${from}, at ${nats.url}`)

  const folder = newFolder('examples')
  const events = (user: string) => ({
    NATS_URL: nats.url,
    ...accounts.settingsOf(user),
  })
  const bun = process.execPath
  const service = {
    ...events('auth'),
    PORT: String(auth),
    MANAGEMENT_PORT: '0',
    LOG_LEVEL: 'warn',
    DATA_DIR: join(folder, 'auth'),
  }
  await startProgram({
    name: 'auth-service',
    folder: '.',
    command: [bun, 'src/main/bun.ts'],
    environment: service,
    healthUrl: at(auth, '/health/ready'),
  })
  await provideConsumers([...CONSUMERS, ...guests], service)
  await startProgram({
    name: 'Backend',
    folder: 'examples/backend',
    command: [bun, 'main.ts'],
    environment: { ...events('backend'), PORT: String(backend), DATA_DIR: join(folder, 'backend') },
    healthUrl: at(backend, '/health'),
  })
  await startProgram({
    name: 'Social',
    folder: 'examples/social',
    command: [bun, 'main.ts'],
    environment: {
      ...events('social'),
      PORT: String(social),
      CARDS_FILE: join(folder, 'social.sqlite'),
    },
    healthUrl: at(social, '/health'),
  })
  spawnSync(bun, ['run', 'build'], { cwd: join(ROOT, 'examples/chat'), stdio: 'ignore' })
  await startProgram({
    name: 'Chat',
    folder: 'examples/chat',
    command: ['node', 'dist/main.js'],
    environment: { ...events('chat'), PORT: String(chat), AUTH_URL: `http://localhost:${auth}` },
    healthUrl: at(chat, '/health'),
  })
  console.log(`
The examples are running. Ctrl-C stops them, and nothing is kept.
  auth-service  ${at(auth)}   register a user as the README shows
  Backend       ${at(backend, '/members')}
  Social        ${at(social, '/cards')}
  Chat          ${at(chat, '/presence')}, and ${at(chat, '/stream')} with an access token
  commands      DATA_DIR=${service.DATA_DIR} npx bun run auth dead-letters list`)
  for (const guest of guests) console.log(`  ${guest}  ${settingsLine(events(guest))}`)
}

endOnSignals(removeRunFolder)
try {
  await start(process.argv.slice(2))
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  await endEverything()
  removeRunFolder()
  process.exit(1)
}
