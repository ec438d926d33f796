import { PublishFailure } from '../../domain/events/publish-failure.ts'

/** What of an answer counts here; of its body nothing does. */
export type Answer = { readonly status: number; readonly headers: Headers }

type BoundedRequest = {
  readonly url: string
  readonly method: 'POST' | 'OPTIONS'
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string
  readonly withinMs: number
}

/** Enough for any answer of this kind. More is not read, so that no receiver fills the memory. */
const LONGEST_ANSWER_BYTES = 64 * 1024

/**
 * Asks once, follows no redirect, and waits until the answer is there whole, or its first 64 KiB.
 * @throws PublishFailure, ambiguous, when no answer came in time: the receiver may have the change nevertheless.
 */
export const requestWithin = async ({
  url,
  withinMs,
  ...init
}: BoundedRequest): Promise<Answer> => {
  const signal = AbortSignal.timeout(withinMs)
  try {
    const response = await fetch(url, { ...init, redirect: 'manual', signal })
    await readSome(response.body, signal)
    return { status: response.status, headers: response.headers }
  } catch (fault) {
    throw unanswered(fault, signal.aborted)
  }
}

const unanswered = (cause: unknown, tooLate: boolean): PublishFailure =>
  new PublishFailure('ambiguous', tooLate ? 'no answer in time' : `no answer: ${codeOf(cause)}`, {
    cause,
  })

/** What is read to its end leaves the connection free for the next request. */
const readSome = async (
  body: ReadableStream<Uint8Array> | null,
  signal: AbortSignal,
): Promise<void> => {
  if (body === null) return
  const reader = body.getReader()
  // Not every runtime ends a read that waits when the request is given up.
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

/** Like ECONNREFUSED. Messages of faults hold addresses; codes do not. */
const codeOf = (fault: unknown): string => {
  if (!(fault instanceof Error)) return 'unknown fault'
  const code = Reflect.get(fault, 'code')
  if (typeof code === 'string') return code
  return fault.cause instanceof Error ? codeOf(fault.cause) : fault.name
}
