import { Elysia, NotFoundError, ValidationError } from 'elysia'
import { mismatches } from '../problems/invalid-fields.ts'
import type { Problem } from '../problems/problems.ts'
import { answerProblem, Denied } from './answers.ts'
import { answerFault } from './edge.ts'
import type { Exchange } from './exchange.ts'
import { exchangeOf } from './exchange.ts'

/**
 * The Elysia instance that all routes of one listener hang on. Its error path comes before any route, as it covers only
 * what is registered after it, and Elysia's own would repeat a refused body, passwords included.
 */
export const makeApplication = () =>
  new Elysia({
    // No second spelling of a path: `/v1/users/me/` next to DELETE would be one `..` away from a session's.
    strictPath: true,
    // Unknown fields are refused, not removed.
    normalize: false,
    // Elysia looks for the path after the eleventh character otherwise, and host names can be short.
    handler: { standardHostname: false },
  }).onError({ as: 'global' }, async ({ request, error }) => {
    const exchange = exchangeOf(request)
    if (error instanceof ValidationError)
      return answerProblem(exchange, exchange.unreadable ?? (await invalidBody(exchange, error)))
    if (error instanceof Denied) return answerProblem(exchange, error.problem)
    if (error instanceof NotFoundError) return answerProblem(exchange, { code: 'not-found' })
    return answerFault(exchange, error)
  })

const invalidBody = async (exchange: Exchange, error: ValidationError): Promise<Problem> =>
  mismatches(error.all, await exchange.checkFields(error.value, exchange))
