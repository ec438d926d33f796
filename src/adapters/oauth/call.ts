import { boundedBody } from './bounded-body.ts'
import { failure, ProviderFault } from './provider-fault.ts'
import { isReachable } from './reachable.ts'

type Request = {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: URLSearchParams | null | undefined
}

/** Asks a provider something within one operation. @throws ProviderFault for all that is not a 2xx. */
export type Call = (url: string, request?: Request) => Promise<Response>

const TOTAL_MS = 5000
const CONNECT_MS = 3000
/** So long without an answer, and it is asked whether there is somebody at all. */
const PATIENCE_MS = 1000

/**
 * Opens one operation: all its calls together have 5 s, go to these origins only, follow no redirect and read no more
 * than 1 MB. Where nobody takes the connection it ends after 3 s.
 */
export const openCall = (origins: ReadonlySet<string>): Call => {
  const deadline = AbortSignal.timeout(TOTAL_MS)
  return async (url, { method = 'GET', headers = {}, body = null } = {}) => {
    const address = new URL(url)
    if (!origins.has(address.origin)) throw failure('it names an address that is not its own')
    const nobody = new AbortController()
    const asking = askWhetherReachable(address, nobody)
    const signal = AbortSignal.any([deadline, nobody.signal])
    try {
      const response = await fetch(address, { method, headers, body, redirect: 'manual', signal })
      clearTimeout(asking)
      return await boundedBody(expectSuccess(response))
    } catch (fault) {
      throw faultOf(fault, signal.aborted)
    } finally {
      clearTimeout(asking)
    }
  }
}

/** The runtimes' `fetch` cannot limit the time to connect alone. */
const askWhetherReachable = (address: URL, nobody: AbortController) =>
  setTimeout(() => {
    void isReachable(address, CONNECT_MS - PATIENCE_MS).then((reachable) => {
      if (!reachable) nobody.abort()
    })
  }, PATIENCE_MS)

const TOO_MANY_REQUESTS = 429

const expectSuccess = (response: Response): Response => {
  if (response.ok) return response
  const { status } = response
  const isRefusal = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS
  response.body?.cancel().catch(() => undefined)
  throw new ProviderFault(isRefusal ? 'refused' : 'failed', `it answered ${status}`)
}

const faultOf = (fault: unknown, isLate: boolean): ProviderFault => {
  if (fault instanceof ProviderFault) return fault
  return isLate
    ? new ProviderFault('timeout', 'it did not answer in time')
    : failure(`it could not be asked: ${reasonOf(fault)}`)
}

const CODE = /^[A-Za-z_]{1,40}$/

/** The name that the runtime has for it: ECONNREFUSED, say. */
const reasonOf = (fault: unknown): string => {
  const codes = [fault, fault instanceof Error ? fault.cause : null].map((each) =>
    each instanceof Error && 'code' in each ? String(each.code) : '',
  )
  return codes.find((code) => CODE.test(code)) ?? 'unknown'
}
