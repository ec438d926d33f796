import { freePort } from './free-port.ts'
import { openProcess } from './open-process.ts'
import { probeRedis } from './probes.ts'
import { newFolder } from './run-folder.ts'
import type { Means, Server } from './server.ts'
import { serverOf } from './server-of.ts'

/** A started Redis. It keeps what it acknowledged when it is killed and started again. */
export const startRedis = async (means: Means): Promise<Server> => {
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const answers = () => probeRedis(url)
  const running =
    means.kind === 'image'
      ? await contained(means.image, port, answers)
      : openProcess({
          program: means.path,
          args: ['--port', String(port), '--bind', '127.0.0.1', ...PERSISTENT],
          folder: newFolder('redis'),
          stopSignal: 'SIGTERM',
          answers,
        })
  return serverOf(running, url, probeRedis)
}

const PERSISTENT = ['--save', '', '--appendonly', 'yes', '--appendfsync', 'always']

const contained = async (image: string, port: number, answers: () => Promise<unknown>) => {
  const { openContainer } = await import('./open-container.ts')
  return openContainer({
    image,
    // Protected mode knows the address inside the container only; outside it is published on loopback alone.
    args: ['redis-server', '--protected-mode', 'no', ...PERSISTENT],
    port: { inside: 6379, outside: port },
    ready: /Ready to accept connections/,
    answers,
  })
}
