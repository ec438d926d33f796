import { USER_EVENT_SUBJECTS } from '../../domain/user-event.ts'
import type { ConsumerSubject } from '../../ports/driven/consumer-subjects.ts'
import type { Nats } from './open-nats.ts'
import { orUnavailable } from './read-stream.ts'
import { errorCodeOf, streamApi } from './stream-api.ts'

type Needs = { readonly nats: Pick<Nats, 'connection'>; readonly stream: string }

const NO_SUCH_CONSUMER = 10014
const NO_SUCH_STREAM = 10059

/** What the durable consumer of that name filters by. */
export const makeConsumerSubject =
  ({ nats, stream }: Needs): ConsumerSubject =>
  (consumer) =>
    orUnavailable(async () => {
      try {
        const { config } = await (await streamApi(nats)).consumers.info(stream, consumer)
        const filters = [config.filter_subject, ...(config.filter_subjects ?? [])]
        return USER_EVENT_SUBJECTS.find((subject) => filters.includes(subject)) ?? null
      } catch (fault) {
        const code = errorCodeOf(fault)
        if (code === NO_SUCH_CONSUMER || code === NO_SUCH_STREAM) return null
        throw fault
      }
    })
