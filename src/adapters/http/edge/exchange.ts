import type { UserContext } from '../../../ports/driving/sessions/sessions.ts'
import type { FieldError, Problem, ProblemCode, ProblemKind } from '../problems/problems.ts'

/** A problem as an HTML page, for a person. */
export type ProblemPage = (
  kind: ProblemKind,
  problem: { readonly code: ProblemCode; readonly traceId: string },
) => string

/** What else is wrong with a body, beside what its schema has found. The body is as it was sent. */
export type CheckFields = (
  body: unknown,
  exchange: Exchange,
) => readonly FieldError[] | Promise<readonly FieldError[]>

/** What is known of one request while it is served. */
export type Exchange = {
  readonly traceId: string
  readonly peerAddress: string | null
  /** Set by a guard once somebody has proved who they are. */
  caller: UserContext | null
  /** Why the body cannot be read. It is answered only after the guard has accepted the caller. */
  unreadable: Problem | null
  /** What a use case finds in the fields of the body. Asked only when the body does not fit its schema. */
  checkFields: CheckFields
  /** The problem code of the answer, for the log. */
  problem: ProblemCode | null
  fault: unknown
  /** Set where a browser navigates: a problem is then shown to a person. */
  page: ProblemPage | null
}

// Elysia hands the request through every hook; nothing else of ours goes that way.
const exchanges = new WeakMap<Request, Exchange>()

export const beginExchange = (
  request: Request,
  traceId: string,
  peerAddress: string | null,
): Exchange => {
  const exchange: Exchange = {
    traceId,
    peerAddress,
    caller: null,
    unreadable: null,
    checkFields: () => [],
    problem: null,
    fault: undefined,
    page: null,
  }
  exchanges.set(request, exchange)
  return exchange
}

/** @throws when the request did not come through the edge: that is a fault of ours. */
export const exchangeOf = (request: Request): Exchange => {
  const exchange = exchanges.get(request)
  if (exchange === undefined) throw new Error('a request came in past the edge')
  return exchange
}

/** Whether a browser navigates: it asks for HTML, and programs do not. */
export const acceptsHtml = (request: Request): boolean =>
  /\btext\/html\b/i.test(request.headers.get('accept') ?? '')
