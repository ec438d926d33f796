import { connect } from 'node:net'
import { rawRequest } from '../../processes/service/raw-request.ts'

type Address = { readonly url: string }

/** What a runtime or a proxy could take for `/v1/admin/sync`. */
export const OTHER_SPELLINGS = [
  '/v1/x/%2e%2e/admin/sync',
  '/v1/x/..%2fadmin/sync',
  '/v1/x/../admin/sync',
  '/v1/x/.%2E/admin/sync',
  '/v1/x/%2e./admin/sync',
  '/v1/x/y/%2e%2e/%2E%2E/admin/sync',
  '/x/../v1/admin/sync',
  '/../v1/admin/sync',
  '/%2e%2e/v1/admin/sync',
  '/v1/./admin/sync',
  '/v1/%2e/admin/sync',
  '/v1/%2E/admin/sync',
  '/v1/admin/sync/.',
  '/v1/admin/sync/%2e',
  '/v1/admin/sync/x/..',
  '/v1/admin/sync/',
  '/v1//admin/sync',
  '//v1/admin/sync',
  '/\\v1/admin/sync',
  '/v1\\admin\\sync',
  '/v1/admin\\sync',
  '/v1\\/admin/sync',
  '/v1/x\\..\\admin/sync',
  '/v1/x\\%2e%2e/admin/sync',
  '/v1/x/%5c../admin/sync',
  '/v1/x%5c..%5cadmin/sync',
  '/v1/admin%2fsync',
  '/v1/admin%5csync',
  '/v1/%61dmin/sync',
  '/v1/admin/%73ync',
  '/%76%31/admin/sync',
  '/v1/x/%252e%252e/admin/sync',
  '/v1/admin/sync%00',
  '/v1/admin/sync%20',
  '/v1/admin/sync%3f',
  '/v1/admin/sync;a=b',
  '/v1/..;/v1/admin/sync',
  '/v1/admin/sync#a',
  '/v1/admin/sync"',
  '/V1/admin/sync',
  '/v1/admin/SYNC',
  'http://x/v1/x/../admin/sync',
  'http://x/v1/x/%2e%2e/admin/sync',
  'http://x//v1/admin/sync',
]

/** Absolute targets without a path, or with a host that is none. */
export const MALFORMED_TARGETS = [
  'http://x\\v1/admin/sync',
  'http://x?/v1/admin/sync',
  'http://x#/v1/admin/sync',
]

/** The same for a route with a parameter, `/problems/not-found`. */
export const OTHER_PARAMETERS = [
  '/problems/not%2dfound',
  '/problems/%6eot-found',
  '/problems/x/../not-found',
  '/problems/./not-found',
  '/problems/x\\..\\not-found',
  '/problems\\not-found',
  '/problems/not-found%00',
  '/problems/not-found;',
  '/problems/not-found#a',
  '/problems//not-found',
]

const FORGED_HOSTS = [
  'Host: x\r\nHost: y',
  'Host: x\r\nHost: x',
  'Host: x\r\nhost: y',
  'Host: x, y',
  'Host: ',
  'Host: user@x',
  'Host: x:80@y',
  'Host: x/v1/admin/sync',
  'Host: x/v1/admin/sync?',
  'Host: x/v1/admin/sync#',
  'Host: x\\v1',
  'Host: x?',
  'Host: x y',
  'Host: x:port',
  'Host: [::1',
  'Host: %78',
]

/** A GET with exactly this target and these lines, on a connection of its own. */
export const getRequest = (target: string, host = 'Host: x', more = ''): string =>
  `GET ${target} HTTP/1.1\r\n${host}\r\n${more}Connection: close\r\n\r\n`

/** Those of the targets that are answered otherwise than with 404, with their answers. */
export const targetsThatReach = async (
  service: Address,
  targets: readonly string[],
  headers = '',
): Promise<readonly string[]> => {
  const reaching: string[] = []
  for (const target of targets) {
    const { statuses } = await rawRequest(service, getRequest(target, 'Host: x', headers))
    if (statuses.join() !== '404') reaching.push(`${target} ${statuses}`)
  }
  return reaching
}

/** Those of the forged hosts that are answered otherwise than with 400, with their answers. */
export const hostsThatPass = async (
  service: Address,
  targets: readonly string[],
): Promise<readonly string[]> => {
  const passing: string[] = []
  for (const host of FORGED_HOSTS)
    for (const target of targets) {
      const { statuses } = await rawRequest(service, getRequest(target, host))
      if (statuses.join() !== '400') passing.push(`${host} ${target} ${statuses}`)
    }
  return passing
}

/** Ends of a body in chunks, each sent in these parts. */
const CHUNKED_ENDS = [
  ['\r\n'],
  ['X-Trailer: 1\r\n\r\n'],
  ['', 'X-Trailer: 1\r\n\r\n'],
  ['X-Trailer: 1\r\nX-Other: 2\r\n\r\n'],
  ['XXGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
  ['', 'XXGET /health/live HTTP/1.1\r\nHost: x\r\n\r\n'],
]

/** Those of the ends after which a request on the same connection gets another answer than its own, with what came. */
export const endsThatSwallow = async (
  service: Address,
  bodies: readonly string[],
): Promise<readonly string[]> => {
  const swallowing: string[] = []
  for (const body of bodies)
    for (const [first = '', ...rest] of CHUNKED_ENDS) {
      const begun = `POST /v1/auth/login HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n${first}`
      const outcome = await answersInTurn(service, [begun, ...rest])
      if (outcome !== 'as it should')
        swallowing.push(`${JSON.stringify([first, ...rest])}: ${outcome}`)
    }
  return swallowing
}

/**
 * Sends these parts one after another and then, on the same connection, a request as a proxy would. Either the connection had
 * ended by then and said so, or that request gets its own answer and no other.
 */
const answersInTurn = ({ url }: Address, parts: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const { hostname, port } = new URL(url)
    const socket = connect({ host: hostname, port: Number(port) })
    let received = ''
    let next = ''
    let isNext = false
    const finish = (outcome: string) => {
      clearTimeout(timer)
      socket.destroy()
      resolve(outcome)
    }
    const timer = setTimeout(() => finish(`nothing more after ${received} ${next}`), 8000)
    const probe = () => {
      isNext = true
      socket.write('GET /health/ready HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n')
    }
    socket.on('data', (chunk) => {
      const text = chunk.toString('latin1')
      if (isNext) {
        next += text
        return
      }
      received += text
      const isWhole = received.includes('"traceId"') || received.startsWith('HTTP/1.1 400')
      if (isWhole && !/^connection: close/im.test(received)) setTimeout(probe, 200)
    })
    socket.on('error', () => undefined)
    socket.on('close', () => {
      const [head = ''] = received.split('\r\n\r\n')
      const saidSo = !isNext && /^connection: close/im.test(head)
      const wasRefused = !isNext && received === ''
      const isOwnAnswer = isNext && next.startsWith('HTTP/1.1 200') && next.includes('ready')
      finish(
        saidSo || wasRefused || isOwnAnswer ? 'as it should' : `closed after ${received} ${next}`,
      )
    })
    const [first = '', ...rest] = parts
    socket.write(first)
    rest.forEach((part, index) => {
      setTimeout(() => socket.write(part), 50 * (index + 1))
    })
  })
