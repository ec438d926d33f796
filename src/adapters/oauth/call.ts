import { connect } from 'node:net'
import { failure, ProviderFault } from './provider-fault.ts'

type Request = {
  readonly method?: string
  readonly headers?: Record<string, string>
  readonly body?: URLSearchParams | null | undefined
}

/** Sends one request to a provider within an operation. @throws ProviderFault for everything but a 2xx answer. */
export type Call = (url: string, request?: Request) => Promise<Response>

const OPERATION_MS = 5000
const CONNECT_MS = 3000
/** After this time without an answer, a second connection finds out whether the host can be reached at all. */
const CONNECT_CHECK_AFTER_MS = 1000
const MAXIMUM_BYTES = 1_048_576
const TOO_MANY_REQUESTS = 429

/**
 * Makes the calls of one operation. All of them together have 5 s. They go to these origins only, follow no redirect, and
 * read at most 1 MB of an answer. A host that takes no connection ends the operation after 3 s.
 */
export const makeCall = (origins: ReadonlySet<string>): Call => {
  const deadline = AbortSignal.timeout(OPERATION_MS)
  return async (url, { method = 'GET', headers = {}, body = null } = {}) => {
    const address = new URL(url)
    if (!origins.has(address.origin)) throw failure('it names an address that is not its own')
    const unreachable = new AbortController()
    const connectCheck = abortUnlessReachable(address, unreachable)
    const signal = AbortSignal.any([deadline, unreachable.signal])
    try {
      const response = await fetch(address, { method, headers, body, redirect: 'manual', signal })
      clearTimeout(connectCheck)
      return await readBody(expectSuccess(response))
    } catch (fault) {
      throw faultOf(fault, signal.aborted)
    } finally {
      clearTimeout(connectCheck)
    }
  }
}

/** `fetch` has no timeout of its own for connecting. */
const abortUnlessReachable = (address: URL, unreachable: AbortController) =>
  setTimeout(() => {
    void isReachable(address, CONNECT_MS - CONNECT_CHECK_AFTER_MS).then((reachable) => {
      if (!reachable) unreachable.abort()
    })
  }, CONNECT_CHECK_AFTER_MS)

const DEFAULT_PORTS: Readonly<Record<string, number>> = { 'https:': 443, 'http:': 80 }

/** Whether a TCP connection can be opened within this time. Never throws. */
const isReachable = ({ protocol, hostname, port }: URL, milliseconds: number): Promise<boolean> =>
  new Promise((resolve) => {
    const host = hostname.replaceAll(/[[\]]/g, '')
    const socket = connect({ host, port: Number(port) || (DEFAULT_PORTS[protocol] ?? 443) })
    const done = (reachable: boolean) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(reachable)
    }
    const timer = setTimeout(done, milliseconds, false)
    socket.once('connect', () => done(true))
    socket.once('error', () => done(false))
  })

const expectSuccess = (response: Response): Response => {
  if (response.ok) return response
  const { status } = response
  const isRefusal = status >= 400 && status < 500 && status !== TOO_MANY_REQUESTS
  response.body?.cancel().catch(() => undefined)
  throw new ProviderFault(isRefusal ? 'refused' : 'failed', `it answered ${status}`)
}

/** The answer with its whole body. At most 1 MB is read (after decompression), whatever Content-Length says. */
const readBody = async (response: Response): Promise<Response> => {
  const chunks: Uint8Array<ArrayBuffer>[] = []
  let length = 0
  const reader = response.body?.getReader()
  for (let next = await reader?.read(); next?.value !== undefined; next = await reader?.read()) {
    length += next.value.byteLength
    if (length > MAXIMUM_BYTES) {
      // Its outcome is of no interest, so nobody waits for it.
      reader?.cancel().catch(() => undefined)
      throw failure('the answer is larger than 1 MB')
    }
    chunks.push(new Uint8Array(next.value))
  }
  const { status, headers } = response
  const type = headers.get('content-type')
  return new Response(new Blob(chunks), {
    status,
    ...(type === null ? {} : { headers: { 'content-type': type } }),
  })
}

const faultOf = (fault: unknown, isLate: boolean): ProviderFault => {
  if (fault instanceof ProviderFault) return fault
  return isLate
    ? new ProviderFault('timeout', 'it did not answer in time')
    : failure(`it could not be asked: ${reasonOf(fault)}`)
}

const CODE = /^[A-Za-z_]{1,40}$/

/** The runtime's error code, like ECONNREFUSED. */
const reasonOf = (fault: unknown): string => {
  const codes = [fault, fault instanceof Error ? fault.cause : null].map((each) =>
    each instanceof Error && 'code' in each ? String(each.code) : '',
  )
  return codes.find((code) => CODE.test(code)) ?? 'unknown'
}
