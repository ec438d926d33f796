import postgres from 'postgres'
import { PUBLISHED_STATE } from '../../tests/support/builders/write-backlog.ts'
import { openProgram } from '../children.ts'
import type { Beside, Figure } from '../figure.ts'
import { installPeers, PEERS } from '../install-peers.ts'
import { settled } from '../settled.ts'
import { SHORTCOMINGS } from '../shortcomings.ts'
import { newDatabase } from '../site.ts'
import type { Stage } from '../stage.ts'
import type { Delivery } from '../steady-delivery.ts'
import { LEAD_MS, measureDelivery, openWriter, RATE, USERS } from '../steady-delivery.ts'
import { steadyChanges } from './acknowledgement.ts'

/** What the programs in bench/peers are told, which are checked by nobody, since what they need may not be there. */
export type OutboxOrder = {
  readonly listener: 'polling' | 'replication'
  readonly databaseUrl: string
  readonly natsUrl: string
  /** Of this name, on the subject of this name. */
  readonly stream: string
  readonly rate: number
  readonly users: number
  readonly payload: typeof PUBLISHED_STATE
}

type Listener = OutboxOrder['listener']

/** The way out of the outbox alone, beside another one with the same rate, users, size of message and broker. */
export const besideOutbox = (stage: Stage): Figure => ({
  name: 'commit to acknowledged, compared with pg-transactional-outbox',
  unit: 'ms',
  rounds: 3,
  ours: steadyChanges(stage, 1),
  beside: [steadyMessages(stage, 'replication'), steadyMessages(stage, 'polling')],
  floor: null,
  atMost: 25,
  none: SHORTCOMINGS,
})

const steadyMessages = (stage: Stage, listener: Listener): Beside => ({
  name: `the ${listener} listener of pg-transactional-outbox`,
  atLeast: null,
  open: async () => {
    const peer = await openPeer(stage, listener)
    const { commit, stop } = openWriter(`${PEERS}/outbox-writer.ts`, peer.order)
    const delivery = { ...peer.delivery, commit }
    // As ours, it is warm when it is measured.
    await peer.whileListening(async () => {
      await commit(WARM_UP_MS)
      await settled(delivery.owed, delivery.silenceMs)
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

/** It takes this long until it is as quick as it becomes. */
const WARM_UP_MS = 3000
/** A push is not repeated, and what is polled is handed out again once its lock of 250 ms has ended. */
const SILENCE_MS = 2000

const openPeer = async ({ servers }: Stage, listener: Listener) => {
  installPeers()
  const name = `outbox_${listener}`
  const on = listener === 'polling' ? 'postgres' : 'replicating'
  const databaseUrl = await newDatabase(servers, name, on)
  const { url: natsUrl } = await servers.nats()
  const order: OutboxOrder = {
    ...{ listener, databaseUrl, natsUrl, stream: name.toUpperCase() },
    ...{ rate: RATE, users: USERS, payload: PUBLISHED_STATE },
  }
  const { ask, stop } = openProgram(`${PEERS}/outbox-listener.ts`, [JSON.stringify(order)])
  const sql = postgres(databaseUrl, { max: 1, onnotice: () => {} })
  const delivery: Omit<Delivery, 'commit'> = {
    stream: { natsUrl, name: order.stream },
    owed: async () => {
      const [owed] = await sql`
        select count(*)::int as count from outbox where processed_at is null`
      return owed?.['count'] ?? Number.NaN
    },
    waitsSince: async (instant) => JSON.parse(await ask(`waits ${instant.getTime()}`)),
    silenceMs: SILENCE_MS,
  }
  return {
    ...{ order, delivery },
    /** What listens to one measurement is not to slow down the next one. */
    whileListening: async <T>(measure: () => Promise<T>): Promise<T> => {
      await ask('listen')
      await new Promise((resolve) => setTimeout(resolve, LEAD_MS))
      try {
        return await measure()
      } finally {
        await ask('rest')
      }
    },
    close: async () => {
      await stop()
      await sql.end()
    },
  }
}
