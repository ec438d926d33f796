import { spawn, spawnSync } from 'node:child_process'
import { join } from 'node:path'
import { atTheEnd, endEverything, endOnSignals } from '../tests/support/processes/at-the-end.ts'
import { eventually, Hopeless } from '../tests/support/processes/eventually.ts'
import { freePorts } from '../tests/support/processes/free-port.ts'
import { newFolder, removeRunFolder } from '../tests/support/processes/run-folder.ts'
import { findMeans } from '../tests/support/servers/find-means.ts'
import { startNats } from '../tests/support/servers/start-nats.ts'
import { ROOT } from './repository.ts'

type Program = {
  readonly name: string
  readonly folder: string
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
  readonly health: string
}

const START_SECONDS = 60

/** Runs until the end of this process, which asks it to stop and waits for that. */
const begin = async ({ name, folder, command: [file = '', ...words], ...program }: Program) => {
  const child = spawn(file, words, {
    cwd: join(ROOT, folder),
    env: { ...process.env, ...program.environment },
    stdio: ['ignore', 'inherit', 'inherit'],
    // Ctrl-C is for this process, which ends the others in their order.
    detached: true,
  })
  const ended = new Promise<void>((resolve) => child.once('close', () => resolve()))
  atTheEnd(async () => {
    child.kill('SIGTERM')
    await ended
  })
  await eventually(`${name} is healthy`, START_SECONDS, async () => {
    if (child.exitCode !== null) throw new Hopeless(`it ended with ${child.exitCode}`)
    const { status } = await fetch(program.health)
    if (status !== 200) throw new Error(`it answers ${status}`)
  })
}

const portsOf = async (): Promise<readonly number[]> =>
  process.env['EXAMPLES_PORTS'] === 'free' ? freePorts(4) : [3000, 4001, 4002, 4003]

const start = async (): Promise<void> => {
  const [auth = 0, backend = 0, social = 0, chat = 0] = await portsOf()
  const at = (port: number, path = '') => `http://127.0.0.1:${port}${path}`
  const [{ means, from }] = await findMeans('NATS')
  const nats = await startNats(means, '')
  atTheEnd(nats.remove)
  console.log(`NATS ${nats.version} from ${from}, at ${nats.url}`)

  const folder = newFolder('examples')
  const events = { NATS_URL: nats.url }
  const bun = process.execPath
  await begin({
    ...{ name: 'auth-service', folder: '.', command: [bun, 'src/main/bun.ts'] },
    environment: {
      ...{ ...events, PORT: String(auth), MANAGEMENT_PORT: '0', LOG_LEVEL: 'warn' },
      DATA_DIR: join(folder, 'auth'),
    },
    health: at(auth, '/health/ready'),
  })
  await begin({
    ...{ name: 'Backend', folder: 'examples/backend', command: [bun, 'main.ts'] },
    environment: { ...events, PORT: String(backend), DATA_DIR: join(folder, 'backend') },
    health: at(backend, '/health'),
  })
  await begin({
    ...{ name: 'Social', folder: 'examples/social', command: [bun, 'main.ts'] },
    environment: { ...events, PORT: String(social), CARDS_FILE: join(folder, 'social.sqlite') },
    health: at(social, '/health'),
  })
  spawnSync(bun, ['run', 'build'], { cwd: join(ROOT, 'examples/chat'), stdio: 'ignore' })
  await begin({
    ...{ name: 'Chat', folder: 'examples/chat', command: ['node', 'dist/main.js'] },
    environment: { ...events, PORT: String(chat), AUTH_URL: `http://localhost:${auth}` },
    health: at(chat, '/health'),
  })
  console.log(`
The examples are running; Ctrl-C ends them, and nothing is kept.
  auth-service  ${at(auth)}   register somebody, as the README shows
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
