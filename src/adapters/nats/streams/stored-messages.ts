import type { StoredMessages } from '../../../ports/driven/events/published-users.ts'
import type { Nats } from '../connection/open-nats.ts'
import { readStream } from './read-stream.ts'
import { fieldsOf } from './wire-headers.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

/** Reads a stream with its bodies. */
export const makeStoredMessages = ({ nats, stream }: Needs): StoredMessages =>
  async function* () {
    for await (const { headers, data } of readStream(nats, { stream, first: 1 }))
      yield { headers: fieldsOf(headers), body: data }
  }
