import type { JsMsg } from 'nats'
import type { StoredEvents, StoredMessage } from '../../../ports/driven/events/event-streams.ts'
import type { Nats } from '../connection/open-nats.ts'
import { headersOf, orUnavailable, readStream } from './read-stream.ts'
import { findStream, streamApi } from './stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

/** Reads the stream of all user events: `read` without bodies, `messages` with them. */
export const makeStoredEvents = ({ nats, stream }: Needs): StoredEvents => ({
  position: () =>
    orUnavailable(async () => {
      const found = await findStream(await streamApi(nats), stream)
      return (
        found && {
          createdAt: new Date(found.created),
          firstSequence: found.state.first_seq,
          lastSequence: found.state.last_seq,
        }
      )
    }),
  async *read(first, last) {
    for await (const message of readStream(nats, { stream, first, headersOnly: true })) {
      if (message.seq > last) return
      yield storedMessage(message)
    }
  },
  async *messages() {
    for await (const { headers, data } of readStream(nats, { stream, first: 1 }))
      yield { headers: headersOf(headers), body: data }
  },
})

const storedMessage = ({ seq, subject, headers }: JsMsg): StoredMessage => ({
  sequence: seq,
  topic: subject,
  messageId: headers?.get('Nats-Msg-Id') || null,
})
