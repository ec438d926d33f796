import type { EventMessage, EventReceiver } from '../../ports/driven/events/event-publisher.ts'
import type { GuardAnswer, ReceiverGuard } from '../../ports/driven/migration/receiver-guard.ts'
import type { Clock, Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import { requestWithin } from './bounded-request.ts'
import { makeBreaker } from './circuit-breaker.ts'
import { readAnswer, readGuard } from './read-answer.ts'
import { makeSignWebhook } from './sign-webhook.ts'

type Needs = {
  readonly url: string
  /** `whsec_<base64>`; each signs. */
  readonly secrets: readonly string[]
  /** The longest that an answer is waited for. */
  readonly withinMs: number
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
}

export type Backend = { readonly receiver: EventReceiver; readonly guard: ReceiverGuard }

const UTF8 = new TextDecoder()

/** Backend as it was told about changes before there were events: one signed POST for each. */
export const makeBackend = (needs: Needs): Backend => {
  const { url, secrets, withinMs, log, clock, monotonic } = needs
  const sign = makeSignWebhook(secrets)
  const breaker = makeBreaker({
    monotonic,
    onChange: (isOpen) => log(isOpen ? 'error' : 'info', isOpen ? 'backend.lost' : 'backend.back'),
  })
  let latest: GuardAnswer = 'unknown'

  const note = (answer: GuardAnswer): void => {
    if (answer === 'unknown') return
    if (latest !== answer) log('info', 'backend.guard', { guard: answer })
    latest = answer
  }

  return {
    receiver: {
      isReady: breaker.isReady,
      send: (eventId, message) =>
        breaker.run(async () => {
          const body = UTF8.decode(message.body)
          const headers = { ...headersOf(message), ...sign(eventId, clock(), body) }
          const answer = await requestWithin({ url, withinMs, method: 'POST', headers, body })
          note(readGuard(answer))
          return readAnswer(answer)
        }),
    },
    guard: {
      latest: () => latest,
      ask: async () => {
        const headers = sign(`guard-${crypto.randomUUID()}`, clock(), '')
        try {
          const answer = readGuard(
            await requestWithin({ url, withinMs, method: 'OPTIONS', headers }),
          )
          note(answer)
          return answer
        } catch (fault) {
          log('warn', 'backend.unreachable', { during: 'guard' }, fault)
          return 'unknown'
        }
      },
    },
  }
}

/** Those of the event, and the type of the body; the id that a broker drops repeats by means nothing here. */
const headersOf = ({ headers }: EventMessage): Readonly<Record<string, string>> => {
  const { 'Nats-Msg-Id': _, ...envelope } = headers
  return { ...envelope, 'content-type': 'application/json' }
}
