import { afterAll, beforeAll, expect, test } from 'bun:test'
import { serve } from 'srvx/bun'
import { makeCrossOrigin } from '../../../src/adapters/http/edge/cross-origin.ts'
import { makeRouteTable } from '../../../src/adapters/http/edge/route-table.ts'
import {
  endsThatSwallow,
  hostsThatPass,
  OTHER_SPELLINGS,
  targetsThatReach,
} from '../../support/builders/http/request-targets.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'
import type { ComposedService } from '../../support/builders/service/composed-service.ts'
import { composedService } from '../../support/builders/service/composed-service.ts'

type Listener = typeof import('../../../src/main/lifecycle/listener.ts')
type Edge = typeof import('../../../src/adapters/http/edge/edge.ts')

const LISTENER = 'src/main/lifecycle/listener.ts'
const EDGE = 'src/adapters/http/edge/edge.ts'

let service: ComposedService
beforeAll(async () => {
  service = await composedService({ RATE_LIMITS: 'off' })
}, 60_000)
afterAll(() => service.end())

/** What a check finds at a port of this runtime, with a change in the listener. */
const foundAt = async <T>(
  check: (address: { readonly url: string }) => Promise<T>,
  right?: string,
  wrong?: string,
  answer = service.publicApi.fetch,
): Promise<T> => {
  const { openListener } = await plantedFault<Listener>(LISTENER, right, wrong)
  const opened = await openListener(serve, { host: '127.0.0.1', port: 0 }, 'PORT', answer)
  if (!opened.ok) throw new Error(opened.refusal.lines.join('\n'))
  try {
    return await check({ url: `http://127.0.0.1:${opened.value.port}` })
  } finally {
    await opened.value.close()
  }
}

const spellings = (right?: string, wrong?: string) =>
  foundAt((address) => targetsThatReach(address, OTHER_SPELLINGS), right, wrong)
const trailers = (right?: string, wrong?: string) =>
  foundAt((address) => endsThatSwallow(address, ['{}']), right, wrong)

/** What comes of forged hosts at the listener as it is, with a change in what happens around each route. */
const hosts = async (right?: string, wrong?: string) => {
  const { makeEdge } = await plantedFault<Edge>(EDGE, right, wrong)
  const answer = makeEdge({
    log: () => {},
    trace: { run: (_, work) => work() },
    observe: () => {},
    routes: makeRouteTable([{ method: 'GET', path: '/health' }]),
    serve: () => new Response('ok'),
    crossOrigin: makeCrossOrigin([]),
    secure: () => {},
  })
  return foundAt((address) => hostsThatPass(address, ['/health']), undefined, undefined, answer)
}

test('the listener as it is lets no other spelling, forged host or trailer through', async () => {
  expect(await spellings()).toEqual([])
  expect(await hosts()).toEqual([])
  expect(await trailers()).toEqual([])
})

test('a listener that takes every path as it was sent is caught by paths that the runtime has tidied', async () => {
  const reached = await spellings('isPathTidied: isPathTidied(request)', 'isPathTidied: false')
  expect(reached).toContain('/v1/x/%2e%2e/admin/sync 401')
})

test('routes without a look at the host are caught by forged ones', async () => {
  const passing = await hosts("if (!hasOneHost(request.headers.get('host')))", 'if (false)')
  expect(passing).toContain('Host: user@x /health 200')
})

test('a connection that goes on after a body in chunks is caught by the next request on it', async () => {
  const swallowing = await trailers('closing || mayLeaveTrailer(request) ?', 'closing ?')
  expect(swallowing.length).toBeGreaterThan(0)
})
