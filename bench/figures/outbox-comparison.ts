import postgres from 'postgres'
import { PUBLISHED_STATE } from '../../tests/support/builders/events/write-backlog.ts'
import { createDatabase } from '../installation/open-installation.ts'
import { openProgram } from '../installation/processes.ts'
import type { TestBed } from '../installation/test-bed.ts'
import { installPeers, PEERS } from '../installation/test-bed.ts'
import type { Baseline, Figure } from '../measurement/figure.ts'
import type { Delivery } from '../measurement/measure-delivery.ts'
import {
  DEFECTS,
  measureDelivery,
  openWriter,
  RATE,
  START_UP_MS,
  USERS,
  waitUntilDelivered,
} from '../measurement/measure-delivery.ts'
import { steadyChanges } from './delivery-latency.ts'

/**
 * The argument of the programs in bench/peers, as JSON. The compiler does not check these programs, because their packages
 * may not be installed.
 */
export type PeerOptions = {
  readonly listener: 'polling' | 'replication'
  readonly databaseUrl: string
  readonly natsUrl: string
  /** The name of the stream, and of its only subject. */
  readonly stream: string
  readonly rate: number
  readonly users: number
  readonly payload: typeof PUBLISHED_STATE
}

type Listener = PeerOptions['listener']

/** The delivery from the outbox, compared with another outbox. Rate, users, message size and broker are the same. */
export const outboxComparison = (testBed: TestBed): Figure => ({
  name: 'commit to acknowledged, compared with pg-transactional-outbox',
  unit: 'ms',
  rounds: 3,
  ours: steadyChanges(testBed, 1),
  baselines: [peerListener(testBed, 'replication'), peerListener(testBed, 'polling')],
  min: null,
  max: 25,
  mustBeZero: DEFECTS,
})

/** The peer needs this time until it has reached its full speed. */
const WARM_UP_MS = 3000
/** The replication listener does not repeat a message. The polling listener repeats it when its lock of 250 ms has ended. */
const SILENCE_MS = 2000

const peerListener = (testBed: TestBed, listener: Listener): Baseline => ({
  name: `the ${listener} listener of pg-transactional-outbox`,
  minRatio: null,
  open: async () => {
    const peer = await openPeer(testBed, listener)
    const { commit, stop } = openWriter(`${PEERS}/outbox-writer.ts`, peer.options)
    const delivery = { ...peer.delivery, commit }
    await peer.whileListening(async () => {
      await commit(WARM_UP_MS)
      await waitUntilDelivered(delivery.pending, delivery.silenceMs)
    })
    return {
      measure: () => peer.whileListening(() => measureDelivery(delivery)),
      close: async () => {
        await stop()
        await peer.close()
      },
    }
  },
})

const openPeer = async ({ servers }: TestBed, listener: Listener) => {
  installPeers()
  const name = `outbox_${listener}`
  const server = listener === 'polling' ? 'postgres' : 'replicating'
  const databaseUrl = await createDatabase(servers, name, server)
  const { url: natsUrl } = await servers.nats()
  const options: PeerOptions = {
    listener,
    databaseUrl,
    natsUrl,
    stream: name.toUpperCase(),
    rate: RATE,
    users: USERS,
    payload: PUBLISHED_STATE,
  }
  const { ask, stop } = openProgram(`${PEERS}/outbox-listener.ts`, [JSON.stringify(options)])
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  const delivery: Omit<Delivery, 'commit'> = {
    stream: { natsUrl, name: options.stream },
    pending: async () => {
      const [row] = await sql`
        select count(*)::int as count from outbox where processed_at is null`
      return row?.['count'] ?? Number.NaN
    },
    latenciesSince: async (instant) => JSON.parse(await ask(`latencies ${instant.getTime()}`)),
    silenceMs: SILENCE_MS,
  }
  return {
    options,
    delivery,
    /** The listener runs only during its own measurement, so that it does not slow the next one. */
    whileListening: async <T>(measure: () => Promise<T>): Promise<T> => {
      await ask('start')
      await new Promise((resolve) => setTimeout(resolve, START_UP_MS))
      try {
        return await measure()
      } finally {
        await ask('stop')
      }
    },
    close: async () => {
      await stop()
      await sql.end()
    },
  }
}
