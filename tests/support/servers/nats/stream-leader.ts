import { withJetStream } from '../../builders/events/stored-messages.ts'
import { STREAM } from '../../builders/events/stream-history.ts'
import type { Site } from '../../builders/service/given-site.ts'
import { until } from '../../processes/timing/eventually.ts'
import type { NatsCluster } from './start-nats-cluster.ts'

const clusterOf = async ({ nats }: Pick<Site, 'nats'>) => {
  const { cluster } = await withJetStream(nats, ({ streams }) => streams.info(STREAM))
  if (!cluster?.leader) throw new Error('no leader')
  return { leader: cluster.leader, replicas: cluster.replicas ?? [] }
}

/** Who leads the stream of all user events. There is nobody for as long as an election takes, and this fails. */
const leaderOf = async (site: Pick<Site, 'nats'>): Promise<string> => (await clusterOf(site)).leader

/** An election takes 4 to 9 seconds, and the client has to find another server as well. */
const SECONDS = 40

/** Kills the leader; resolves with it once another leads. */
export const killLeader = async (
  site: Pick<Site, 'nats'>,
  { nodes }: NatsCluster,
  electionSeconds: number,
) => {
  const killed = await leaderOf(site)
  const node = nodes.find(({ name }) => name === killed)
  if (node === undefined) throw new Error(`${killed} is none of ours`)
  await node.kill()
  await until('another leader', async () => (await leaderOf(site)) !== killed, electionSeconds)
  return node
}

/** Kills the leader, and starts it again after another server leads. Resolves when all servers have what the new leader has. */
export const replaceLeader = async (site: Pick<Site, 'nats'>, cluster: NatsCluster) => {
  const { nodes } = cluster
  const node = await killLeader(site, cluster, SECONDS)
  await node.start()
  const areCurrent = async () => {
    const { replicas } = await clusterOf(site)
    return replicas.length === nodes.length - 1 && replicas.every(({ current }) => current)
  }
  await until('three that are current', areCurrent, SECONDS)
}
