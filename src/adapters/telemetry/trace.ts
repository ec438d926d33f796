import { AsyncLocalStorage } from 'node:async_hooks'

/** The W3C trace context of the request that is being served. All code that the request runs can read it. */
export type Trace = {
  run<T>(traceparent: string, work: () => T): T
  /** The `traceparent` of the present request; null outside a request. */
  current(): string | null
  traceId(): string | null
}

export const makeTrace = (): Trace => {
  const storage = new AsyncLocalStorage<string>()
  const current = () => storage.getStore() ?? null
  return {
    run: (traceparent, work) => storage.run(traceparent, work),
    current,
    traceId: () => current()?.split('-')[1] ?? null,
  }
}
