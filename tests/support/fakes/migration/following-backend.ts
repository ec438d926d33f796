import type { NatsConnection } from 'nats'
import { AckPolicy, connect } from 'nats'
import { STREAM } from '../../builders/events/stream-history.ts'
import type { Site } from '../../builders/service/given-site.ts'
import { fakeBackend } from './fake-backend.ts'

type Known = { readonly version: number; readonly displayName: string | null }

/** One change of a user as Backend received it, whether it was newer or not. `at` is by this machine's clock. */
export type ReceivedChange = {
  readonly channel: 'call' | 'event'
  readonly id: string
  readonly version: number
  readonly at: number
}

export type FollowingBackend = Awaited<ReturnType<typeof followingBackend>>

/**
 * A Backend that receives changes as HTTP calls and as events, and keeps each user's newest version. With `keepsLast` it does not
 * drop old versions: it keeps whatever comes last.
 */
export const followingBackend = async (keepsLast = false) => {
  const users = new Map<string, Known>()
  const stopping: (() => Promise<unknown>)[] = []
  const applied: string[] = []
  const receivedChanges: ReceivedChange[] = []

  const apply = (
    channel: ReceivedChange['channel'],
    id: string,
    version: number,
    body: string,
  ): void => {
    receivedChanges.push({ channel, id, version, at: Date.now() })
    if (!keepsLast && version <= (users.get(id)?.version ?? 0)) return
    applied.push(`${id} ${version}`)
    users.set(id, { version, displayName: JSON.parse(body).displayName })
  }
  const receiver = await fakeBackend()
  const answerWell: Parameters<typeof receiver.answer>[0] = (
    response,
    { method, headers, body },
  ) => {
    if (method === 'POST')
      apply('call', headers['ce-subject'] ?? '', Number(headers['ce-sequence']), body)
    response.writeHead(204, keepsLast ? {} : { 'x-sync-guard': 'version' }).end()
  }
  receiver.answer(answerWell)

  return {
    url: receiver.url,
    users,
    /** Each version that Backend applied. */
    applied,
    /** All changes in the order in which they were received. */
    receivedChanges,
    break: () => receiver.answer((response) => void response.writeHead(500).end()),
    mend: () => receiver.answer(answerWell),
    /** Consumes events too. */
    follow: async ({ nats }: Pick<Site, 'nats'>): Promise<void> => {
      const connection = await connect({
        ...nats,
        maxReconnectAttempts: -1,
        reconnectTimeWait: 200,
      })
      stopping.push(() => connection.close())
      void consume(connection, apply)
    },
    close: async () => {
      for (const stop of stopping) await stop()
      receiver.close()
    },
  }
}

const consume = async (
  connection: NatsConnection,
  apply: (channel: 'event', id: string, version: number, body: string) => void,
): Promise<void> => {
  while (!connection.isClosed())
    try {
      const api = await connection.jetstreamManager()
      await api.consumers.add(STREAM, {
        durable_name: 'backend',
        filter_subject: 'user.events',
        ack_policy: AckPolicy.Explicit,
      })
      const consumer = await connection.jetstream().consumers.get(STREAM, 'backend')
      for await (const message of await consumer.consume({ idle_heartbeat: 1000 })) {
        const id = message.headers?.get('ce-subject') ?? ''
        apply('event', id, Number(message.headers?.get('ce-sequence')), message.string())
        message.ack()
      }
    } catch {
      await Bun.sleep(200)
    }
}
