import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createConnection, createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export type NatsProcess = {
  readonly url: string
  readonly port: number
  /** Stops answering, but stays connected. */
  freeze(): void
  thaw(): void
  /** Gone without a word; what it stored stays. */
  kill(): Promise<void>
  /** The same server again: same port, same files. */
  start(): Promise<void>
  /** Gone with all that it stored. */
  remove(): Promise<void>
}

/** Where tests find the server's program. */
const PROGRAM = process.env['NATS_SERVER'] ?? 'nats-server'

/** A port that was free a moment ago. */
export const freePort = async (): Promise<number> => {
  const server = createServer()
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no port')
  server.close()
  await once(server, 'close')
  return address.port
}

type Wish = {
  readonly port?: number
  /** More lines of configuration. */
  readonly lines?: readonly string[]
  /** Variables that the configuration names. */
  readonly environment?: Readonly<Record<string, string>>
  readonly started?: boolean
}

/** A real server with JetStream on a port and in a folder of its own. */
export const natsProcess = async ({
  port: wished,
  lines = [],
  environment = {},
  started = true,
}: Wish = {}): Promise<NatsProcess> => {
  const port = wished ?? (await freePort())
  const folder = await mkdtemp(join(tmpdir(), 'nats-test-'))
  const file = join(folder, 'server.conf')
  const own = [`listen: "127.0.0.1:${port}"`, `jetstream { store_dir: "${folder}/store" }`]
  await writeFile(file, [...own, ...lines].join('\n'))
  let running: ReturnType<typeof spawn> | null = null

  const start = async (): Promise<void> => {
    const child = spawn(PROGRAM, ['-c', file], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...process.env, ...environment },
    })
    running = child
    let output = ''
    child.stderr?.on('data', (chunk) => {
      output = (output + chunk).slice(-4000)
    })
    child.once('error', (fault) => {
      output += fault.message
    })
    while (!(await listens(port))) {
      if (child.exitCode !== null || child.pid === undefined) throw new Error(output)
      await Bun.sleep(10)
    }
  }

  const kill = async (): Promise<void> => {
    const child = running
    running = null
    if (child === null || child.exitCode !== null) return
    const gone = once(child, 'exit')
    child.kill('SIGKILL')
    await gone
  }

  if (started) await start()
  return {
    url: `nats://127.0.0.1:${port}`,
    port,
    freeze: () => running?.kill('SIGSTOP'),
    thaw: () => running?.kill('SIGCONT'),
    kill,
    start,
    async remove() {
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

const listens = async (port: number): Promise<boolean> => {
  const socket = createConnection({ port, host: '127.0.0.1' })
  try {
    await once(socket, 'connect')
    return true
  } catch {
    return false
  } finally {
    socket.destroy()
  }
}
