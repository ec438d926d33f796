import type { ConnectionOptions } from 'nats'
import { AckPolicy } from 'nats'
import { withJetStream } from '../../tests/support/builders/stored-messages.ts'

type Found = { readonly headers: Readonly<Record<string, string>> }

const STREAM = 'USER_EVENTS'
const BATCH = 1000

/** The headers of everything that the stream of user events holds, however long reading it takes. */
export const readStream = (connection: ConnectionOptions): Promise<readonly Found[]> =>
  withJetStream(connection, async (api) => {
    const { name, num_pending: pending } = await api.consumers.add(STREAM, {
      ack_policy: AckPolicy.None,
      headers_only: true,
    })
    const consumer = await api.jetstream().consumers.get(STREAM, name)
    const found: Found[] = []
    while (found.length < pending)
      for await (const { headers } of await consumer.fetch({ max_messages: BATCH, expires: 1000 }))
        found.push({
          headers: Object.fromEntries(
            [...(headers ?? [])].map(([header, values]) => [header, values.join()]),
          ),
        })
    return found
  })
