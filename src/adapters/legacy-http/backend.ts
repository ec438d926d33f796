import { PublishFailure } from '../../domain/events/publish-failure.ts'
import type { VersionGuard } from '../../domain/migration/sync-state.ts'
import type { EventMessage, EventReceiver } from '../../ports/driven/events/event-publisher.ts'
import type { VersionGuardProbe } from '../../ports/driven/migration/backend.ts'
import type { Clock, Monotonic } from '../../ports/driven/shared/clock.ts'
import type { Log } from '../../ports/driven/shared/log.ts'
import { makeCircuitBreaker } from './circuit-breaker.ts'
import { makeSignWebhook } from './sign-webhook.ts'

type Needs = {
  readonly url: string
  /** `whsec_<base64>`. Each request is signed with every secret. */
  readonly secrets: readonly string[]
  /** The longest time to wait for an answer, in milliseconds. */
  readonly withinMs: number
  readonly log: Log
  readonly clock: Clock
  readonly monotonic: Monotonic
}

export type Backend = { readonly receiver: EventReceiver; readonly guard: VersionGuardProbe }

const UTF8 = new TextDecoder()

/** The HTTP channel to Backend: one signed POST for each change, as before there were events. */
export const makeBackend = (needs: Needs): Backend => {
  const { url, secrets, withinMs, log, clock, monotonic } = needs
  const sign = makeSignWebhook(secrets)
  const breaker = makeCircuitBreaker({
    monotonic,
    onChange: (isOpen) => log(isOpen ? 'error' : 'info', isOpen ? 'backend.lost' : 'backend.back'),
  })
  let latest: VersionGuard = 'unknown'

  const note = (answer: VersionGuard): void => {
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

/** The headers of the event and the type of the body. The message id is for brokers only. */
const headersOf = ({ headers }: EventMessage): Readonly<Record<string, string>> => {
  const { 'Nats-Msg-Id': _, ...envelope } = headers
  return { ...envelope, 'content-type': 'application/json' }
}

/** The body of an answer does not matter. */
type Answer = { readonly status: number; readonly headers: Headers }

const ALREADY_NEWER = 409
/** The receiver refuses the message itself. It would refuse it again. */
const PERMANENT: ReadonlySet<number> = new Set([400, 413, 415, 422])

const isSuccess = (status: number): boolean => status >= 200 && status < 300

/**
 * What the answer to a change means.
 * @throws PublishFailure for every status except 2xx and 409.
 */
const readAnswer = ({ status }: Answer): { readonly alreadyNewer: boolean } => {
  if (isSuccess(status) || status === ALREADY_NEWER)
    return { alreadyNewer: status === ALREADY_NEWER }
  const kind = PERMANENT.has(status) ? 'permanent' : 'retryable'
  // Some runtimes hide the status of a redirect that is not followed.
  throw new PublishFailure(kind, status === 0 ? 'answered with a redirect' : `answered ${status}`)
}

/** Only an answer that accepts the request comes from the receiver for sure. Other answers may come from a proxy before it. */
const readGuard = ({ status, headers }: Answer): VersionGuard => {
  if (!isSuccess(status) && status !== ALREADY_NEWER) return 'unknown'
  return headers.get('x-sync-guard') === 'version' ? 'version' : 'none'
}

type BoundedRequest = {
  readonly url: string
  readonly method: 'POST' | 'OPTIONS'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly withinMs: number
}

/** Enough for any answer of this kind. No more is read, so that no receiver can fill the memory. */
const LONGEST_ANSWER_BYTES = 64 * 1024

/**
 * Sends one request, follows no redirect, and waits for the whole answer or its first 64 KiB.
 * @throws PublishFailure, ambiguous, when no answer came in time: the receiver may have the change nevertheless.
 */
const requestWithin = async ({ url, withinMs, ...init }: BoundedRequest): Promise<Answer> => {
  const signal = AbortSignal.timeout(withinMs)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    await readBody(response.body, signal)
    return { status: response.status, headers: response.headers }
  } catch (cause) {
    throw unanswered(cause, signal.aborted)
  }
}

const unanswered = (cause: unknown, isTooLate: boolean): PublishFailure =>
  new PublishFailure('ambiguous', isTooLate ? 'no answer in time' : `no answer: ${codeOf(cause)}`, {
    cause,
  })

/** A body that was read to its end leaves the connection free for the next request. */
const readBody = async (
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<void> => {
  if (body === null) return
  const reader = body.getReader()
  // Not every runtime ends a waiting read when the request is aborted.
  signal.addEventListener('abort', () => void reader.cancel().catch(ignore))
  let read = 0
  for (;;) {
    const { done, value } = await reader.read()
    signal.throwIfAborted()
    read += value?.length ?? 0
    if (done) return
    if (read > LONGEST_ANSWER_BYTES) return void reader.cancel().catch(ignore)
  }
}

const ignore = () => {}

/** A code such as ECONNREFUSED. The messages of faults contain addresses; codes do not. */
const codeOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown fault'
  const code = Reflect.get(fault, 'code')
  if (typeof code === 'string') return code
  return fault.cause instanceof Error ? codeOf(fault.cause) : fault.name
}
