import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
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
import { ROOT } from './repository.ts'

// `bun run examples` starts NATS, the service and the three example consumers, and stops them on Ctrl-C.

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

const start = async (): Promise<void> => {
  const [auth = 0, backend = 0, social = 0, chat = 0] = await choosePorts()
  const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`
  const [{ source, from }] = await findServerSources('NATS')
  const nats = await startNats(source, '')
  atTheEnd(nats.remove)
  console.log(`NATS ${nats.version} from ${from}, at ${nats.url}`)

  const folder = newFolder('examples')
  const events = { NATS_URL: nats.url }
  const bun = process.execPath
  await startProgram({
    name: 'auth-service',
    folder: '.',
    command: [bun, 'src/main/bun.ts'],
    environment: {
      ...events,
      PORT: String(auth),
      MANAGEMENT_PORT: '0',
      LOG_LEVEL: 'warn',
      DATA_DIR: join(folder, 'auth'),
    },
    healthUrl: at(auth, '/health/ready'),
  })
  await startProgram({
    name: 'Backend',
    folder: 'examples/backend',
    command: [bun, 'main.ts'],
    environment: { ...events, PORT: String(backend), DATA_DIR: join(folder, 'backend') },
    healthUrl: at(backend, '/health'),
  })
  await startProgram({
    name: 'Social',
    folder: 'examples/social',
    command: [bun, 'main.ts'],
    environment: { ...events, PORT: String(social), CARDS_FILE: join(folder, 'social.sqlite') },
    healthUrl: at(social, '/health'),
  })
  spawnSync(bun, ['run', 'build'], { cwd: join(ROOT, 'examples/chat'), stdio: 'ignore' })
  await startProgram({
    name: 'Chat',
    folder: 'examples/chat',
    command: ['node', 'dist/main.js'],
    environment: { ...events, PORT: String(chat), AUTH_URL: `http://localhost:${auth}` },
    healthUrl: at(chat, '/health'),
  })
  console.log(`
The examples are running. Ctrl-C stops them, and nothing is kept.
  auth-service  ${at(auth)}   register a user as the README shows
  Backend       ${at(backend, '/members')}
  Social        ${at(social, '/cards')}
  Chat          ${at(chat, '/presence')}, and ${at(chat, '/stream')} with an access token`)
}

endOnSignals(removeRunFolder)
try {
  await start()
} catch (fault) {
  console.error(fault instanceof Error ? fault.message : fault)
  await endEverything()
  removeRunFolder()
  process.exit(1)
}
