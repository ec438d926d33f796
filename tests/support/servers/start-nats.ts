import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from './free-port.ts'
import { openProcess } from './open-process.ts'
import { probeNats } from './probes.ts'
import { newFolder } from './run-folder.ts'
import type { Means, Running, Server } from './server.ts'
import { serverOf } from './server-of.ts'

/** A started NATS server with JetStream; `config` is added to its configuration. */
export const startNats = async (means: Means, config: string): Promise<Server> => {
  const port = await freePort()
  const url = `nats://127.0.0.1:${port}`
  const place = { means, port, config }
  return serverOf(await natsNode(place), url, probeNats)
}

export type NatsPlace = {
  readonly means: Means
  /** On 127.0.0.1, for clients. */
  readonly port: number
  readonly config: string
  readonly network?: Parameters<typeof import('./open-container.ts').openContainer>[0]['network']
}

/** A server that is not started yet. */
export const natsNode = ({ means, ...place }: NatsPlace): Running | Promise<Running> =>
  means.kind === 'image' ? contained(means.image, place) : native(means.path, place)

type Place = Omit<NatsPlace, 'means'>

const native = (program: string, { port, config }: Place): Running => {
  const folder = newFolder('nats')
  const listening = `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}" }\n`
  writeFileSync(join(folder, 'nats.conf'), listening + config)
  return openProcess({
    program,
    args: ['-c', 'nats.conf'],
    folder,
    stopSignal: 'SIGTERM',
    answers: () => probeNats(`nats://127.0.0.1:${port}`),
  })
}

const contained = async (image: string, { port, config, network }: Place): Promise<Running> => {
  const { openContainer } = await import('./open-container.ts')
  return openContainer({
    image,
    args: ['nats-server', '-c', '/nats-test.conf'],
    files: [
      {
        target: '/nats-test.conf',
        content: `listen: "0.0.0.0:4222"\njetstream { store_dir: "/nats-test" }\n${config}`,
      },
    ],
    port: { inside: 4222, outside: port },
    ...(network === undefined ? {} : { network }),
    ready: /Server is ready/,
    answers: () => probeNats(`nats://127.0.0.1:${port}`),
  })
}
