import type { ConsumerExists } from '../../../ports/driven/events/consumer-exists.ts'
import type { Nats } from '../connection/open-nats.ts'
import { orUnavailable } from '../streams/read-stream.ts'
import { errorCodeOf, streamApi } from '../streams/stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

const NO_SUCH_CONSUMER = 10014
const NO_SUCH_STREAM = 10059

/** Asks the server for the durable consumer of that name. */
export const makeConsumerExists =
  ({ nats, stream }: Needs): ConsumerExists =>
  (consumer) =>
    orUnavailable(async () => {
      try {
        await (await streamApi(nats)).consumers.info(stream, consumer)
        return true
      } catch (fault) {
        const code = errorCodeOf(fault)
        if (code === NO_SUCH_CONSUMER || code === NO_SUCH_STREAM) return false
        throw fault
      }
    })
