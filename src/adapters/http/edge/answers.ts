import type { Problem, ProblemCode, ProblemKind } from '../problems/problems.ts'
import { PROBLEMS } from '../problems/problems.ts'
import { PAGE_HEADERS } from '../shared/page.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf } from './exchange.ts'

type Headers = Readonly<Record<string, string>>

/** An answer with a JSON body. */
export const json = (status: number, body: unknown, headers?: Headers): Response =>
  new Response(JSON.stringify(body), {
    status,
    headers: { 'content-type': 'application/json', ...headers },
  })

export const noContent = (headers?: Headers): Response =>
  new Response(null, { status: 204, ...(headers === undefined ? {} : { headers }) })

/** Sends a browser elsewhere: 302 on the way to a provider, 303 on the way back. */
export const redirect = (status: 302 | 303, location: string, headers?: Headers): Response =>
  new Response(null, { status, headers: { location, ...headers } })

/** A problem of RFC 9457, or a page where a browser navigates. It names what is wrong and never repeats what was sent. */
export const answerProblem = (exchange: Exchange, problem: Problem): Response => {
  const kind: ProblemKind = PROBLEMS[problem.code]
  const { title, meaning } = kind
  const status = problem.status ?? kind.status
  exchange.problem = problem.code
  const headers = { ...retryAfter(problem), ...problem.headers }
  if (exchange.page !== null)
    return new Response(exchange.page(kind, { code: problem.code, traceId: exchange.traceId }), {
      status,
      headers: { ...PAGE_HEADERS, ...headers },
    })
  const body = {
    type: `/problems/${problem.code}`,
    title,
    status,
    code: problem.code,
    detail: DETAILS[problem.code] ?? meaning,
    traceId: exchange.traceId,
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
  }
  return json(status, body, { 'content-type': 'application/problem+json', ...headers })
}

const SEE_ERRORS = 'Some fields are invalid; see errors.'

/** Where `errors` says more than the meaning of the code. */
const DETAILS: { readonly [code in ProblemCode]?: string } = {
  'invalid-request': SEE_ERRORS,
  'weak-password': SEE_ERRORS,
}

/** The same for code that holds the request only. */
export const refuse = (request: Request, problem: Problem): Response =>
  answerProblem(exchangeOf(request), problem)

const retryAfter = ({ retryAfterSeconds }: Problem): Headers =>
  retryAfterSeconds === undefined
    ? {}
    : { 'retry-after': String(Math.max(1, Math.ceil(retryAfterSeconds))) }

/** How a hook that runs before a route ends the request: Elysia lets a hook answer in no other way. */
export class Denied extends Error {
  override readonly name = 'Denied'
  constructor(readonly problem: Problem) {
    super(problem.code)
  }
}
