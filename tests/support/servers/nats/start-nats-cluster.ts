import { connect } from 'nats'
import { freePorts } from '../../processes/native/free-port.ts'
import { atTheEnd } from '../../processes/test-run/at-the-end.ts'
import { eventually } from '../../processes/timing/eventually.ts'
import { probeNats } from '../provide/probes.ts'
import type { Server, ServerSource } from '../provide/server.ts'
import { serverOf } from '../provide/server.ts'
import type { NatsPlace } from './start-nats.ts'
import { natsNode } from './start-nats.ts'

/** `name` is what JetStream calls it, as the leader of a stream for instance. */
export type NatsNode = Server & { readonly name: string }

export type NatsCluster = {
  /** All three, comma-separated. */
  readonly url: string
  readonly nodes: readonly NatsNode[]
}

const NAMES = ['n1', 'n2', 'n3'] as const

/** Three started NATS servers that can hold a stream with three replicas. */
export const startNatsCluster = async (source: ServerSource): Promise<NatsCluster> => {
  const places = source.kind === 'image' ? await contained(source) : await native(source)
  const nodes = await Promise.all(
    places.map(async (place, index) => {
      const server = await serverOf(await natsNode(place), urlOf(place), probeNats)
      return { ...server, name: NAMES[index] ?? '' }
    }),
  )
  const cluster = { url: nodes.map(({ url }) => url).join(','), nodes }
  await eventually('three replicas', 60, () => holdThreeReplicas(cluster.url))
  return cluster
}

const urlOf = ({ port }: NatsPlace) => `nats://127.0.0.1:${port}`

const native = async (source: ServerSource): Promise<NatsPlace[]> => {
  const ports = await freePorts(2 * NAMES.length)
  const routes = ports.slice(NAMES.length)
  const hosts = routes.map((port) => `127.0.0.1:${port}`)
  return NAMES.map((name, index) => ({
    source,
    port: ports[index] ?? 0,
    config: clusterConfig(name, hosts[index] ?? '', hosts),
  }))
}

const contained = async (source: ServerSource): Promise<NatsPlace[]> => {
  const { Network } = await import('testcontainers')
  const network = await new Network().start()
  atTheEnd(() => network.stop())
  const ports = await freePorts(NAMES.length)
  const hosts = NAMES.map((name) => `${name}:6222`)
  return NAMES.map((name, index) => ({
    source,
    port: ports[index] ?? 0,
    config: clusterConfig(name, '0.0.0.0:6222', hosts),
    network: { network, alias: name },
  }))
}

/** Clients stay with the addresses they were given: those that the servers know are of no use outside a network. */
const clusterConfig = (name: string, listen: string, hosts: readonly string[]): string =>
  `server_name: ${name}
cluster {
  name: test
  listen: "${listen}"
  no_advertise: true
  routes: [${hosts.map((host) => `"nats://${host}"`).join(', ')}]
}
`

/** A cluster answers long before it has found itself. */
const holdThreeReplicas = async (url: string): Promise<void> => {
  const connection = await connect({ servers: url.split(','), timeout: 2000 })
  try {
    const manager = await connection.jetstreamManager({ timeout: 2000 })
    await manager.streams.add({ name: 'ready', subjects: ['ready'], num_replicas: 3 })
    await manager.streams.delete('ready')
  } finally {
    await connection.close()
  }
}
