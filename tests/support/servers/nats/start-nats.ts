import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort } from '../../processes/native/free-port.ts'
import { openProcess } from '../../processes/native/open-process.ts'
import { newFolder } from '../../processes/test-run/test-run.ts'
import { probeNats } from '../provide/probes.ts'
import type { Running, Server, ServerSource } from '../provide/server.ts'
import { serverOf } from '../provide/server.ts'

/** A started NATS server with JetStream; `config` is added to its configuration. */
export const startNats = async (
  source: ServerSource,
  config: string,
  files: NatsPlace['files'] = {},
): Promise<Server> => {
  const port = await freePort()
  const url = `nats://127.0.0.1:${port}`
  const place = { source, port, config, files }
  return serverOf(await natsNode(place), url, probeNats)
}

export type NatsPlace = {
  readonly source: ServerSource
  /** On 127.0.0.1, for clients. */
  readonly port: number
  readonly config: string
  /** Names, without a folder, and contents of what the configuration names. */
  readonly files?: Readonly<Record<string, string>>
  readonly network?: Parameters<
    typeof import('../provide/open-container.ts').openContainer
  >[0]['network']
}

/** A server that is not started yet. */
export const natsNode = ({ source, ...place }: NatsPlace): Running | Promise<Running> =>
  source.kind === 'image' ? contained(source.image, place) : native(source.path, place)

type Place = Omit<NatsPlace, 'source'>

const native = (program: string, { port, config, files = {} }: Place): Running => {
  const folder = newFolder('nats')
  const listening = `listen: "127.0.0.1:${port}"\njetstream { store_dir: "${folder}" }\n`
  for (const [name, content] of Object.entries({ ...files, 'nats.conf': listening + config }))
    writeFileSync(join(folder, name), content)
  return openProcess({
    program,
    args: ['-c', 'nats.conf'],
    folder,
    stopSignal: 'SIGTERM',
    answers: () => probeNats(`nats://127.0.0.1:${port}`),
  })
}

const contained = async (image: string, place: Place): Promise<Running> => {
  const { port, config, network, files = {} } = place
  const { openContainer } = await import('../provide/open-container.ts')
  return openContainer({
    image,
    args: ['nats-server', '-c', '/nats-test.conf'],
    files: [
      {
        target: '/nats-test.conf',
        content: `listen: "0.0.0.0:4222"\njetstream { store_dir: "/nats-test" }\n${config}`,
      },
      ...Object.entries(files).map(([name, content]) => ({ target: `/${name}`, content })),
    ],
    port: { inside: 4222, outside: port },
    ...(network === undefined ? {} : { network }),
    ready: /Server is ready/,
    answers: () => probeNats(`nats://127.0.0.1:${port}`),
  })
}
