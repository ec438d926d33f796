import { freePort } from '../../processes/native/free-port.ts'
import { openProcess } from '../../processes/native/open-process.ts'
import { newFolder } from '../../processes/test-run/test-run.ts'
import { probeRedis } from '../provide/probes.ts'
import type { Server, ServerSource } from '../provide/server.ts'
import { serverOf } from '../provide/server.ts'

/** Everything that was acknowledged survives a kill; or all but the last second, as the compose file has it. */
export type RedisDurability = 'always' | 'everysec'

/** A started Redis. It keeps what it acknowledged when it is killed and started again. */
export const startRedis = async (
  source: ServerSource,
  durability: RedisDurability = 'always',
): Promise<Server> => {
  const persistent = ['--save', '', '--appendonly', 'yes', '--appendfsync', durability]
  const port = await freePort()
  const url = `redis://127.0.0.1:${port}`
  const answers = () => probeRedis(url)
  const running =
    source.kind === 'image'
      ? await contained(source.image, port, persistent, answers)
      : openProcess({
          program: source.path,
          args: ['--port', String(port), '--bind', '127.0.0.1', ...persistent],
          folder: newFolder('redis'),
          stopSignal: 'SIGTERM',
          answers,
        })
  return serverOf(running, url, probeRedis)
}

const contained = async (
  image: string,
  port: number,
  persistent: readonly string[],
  answers: () => Promise<unknown>,
) => {
  const { openContainer } = await import('../provide/open-container.ts')
  return openContainer({
    image,
    // Protected mode knows the address inside the container only; outside it is published on loopback alone.
    args: ['redis-server', '--protected-mode', 'no', ...persistent],
    port: { inside: 6379, outside: port },
    ready: /Ready to accept connections/,
    answers,
  })
}
