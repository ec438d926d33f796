import { Unavailable } from '../../../domain/shared/unavailable.ts'

/**
 * Waits for a statement. Throws temporary faults as `Unavailable`. Any other fault keeps its SQLSTATE and loses the
 * statement with its values, because those must not reach a log.
 */
export const attempt = async <T>(statement: PromiseLike<T>): Promise<T> => {
  try {
    return await statement
  } catch (error) {
    throw faultOf(error)
  }
}

/** The database refused a statement. */
export class StatementFault extends Error {
  override readonly name = 'StatementFault'
  constructor(
    /** SQLSTATE. */
    readonly code: string,
    readonly constraint: string | null,
    options: { readonly cause: unknown },
  ) {
    super(`the database refused a statement: ${code} ${constraint ?? ''}`.trimEnd(), options)
  }
}

/** The unique constraint that a statement violated; null for every other fault. */
export const violatedUniqueness = (error: unknown): string | null =>
  error instanceof StatementFault && error.code === UNIQUE_VIOLATION ? error.constraint : null

const UNIQUE_VIOLATION = '23505'

/** True when a row belongs to a day for which its table has no partition: a violated check without the name of one. */
export const isPartitionMissing = (error: unknown): boolean =>
  error instanceof StatementFault && error.code === CHECK_VIOLATION && error.constraint === null

const CHECK_VIOLATION = '23514'

// Connection lost, out of resources, shutting down, cancelled, lock timeout, serialization failure, deadlock, read-only standby.
const TEMPORARY_STATES = /^(?:08...|53...|57P0.|57014|55P03|40001|40P01|25006)$/
const LOST_CONNECTION = /^(?:CONNECTION_|CONNECT_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/
const CLOSED = /^PGlite is clos(?:ed|ing)$/

const faultOf = (error: unknown): unknown => {
  const thrown = innermost(error)
  if (thrown instanceof Unavailable) return thrown
  const { message, code, constraint } = driverError(thrown)
  if (CLOSED.test(message) || LOST_CONNECTION.test(code) || TEMPORARY_STATES.test(code))
    return unavailable(thrown)
  return SQLSTATE.test(code)
    ? new StatementFault(code, constraint, { cause: withoutValues(thrown) })
    : thrown
}

/** Makes any fault an `Unavailable`. One that is `Unavailable` already stays as it is. */
export const unavailable = (fault: unknown): Unavailable =>
  fault instanceof Unavailable
    ? fault
    : new Unavailable('the database is not available', 1, { cause: withoutValues(fault) })

const SQLSTATE = /^[0-9A-Z]{5}$/

type DriverError = { message: string; code: string; constraint: string | null }

/** The members of an error. The two drivers name the constraint differently. */
const driverError = (error: unknown): DriverError => {
  const thrown = (error ?? {}) as Record<string, unknown>
  const text = (key: string): string | null =>
    typeof thrown[key] === 'string' ? thrown[key] : null
  return {
    message: text('message') ?? '',
    code: text('code') ?? '',
    constraint: text('constraint') ?? text('constraint_name'),
  }
}

// Drizzle's error contains the statement with its values, and has the driver's error as its cause.
const innermost = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && 'query' in error ? error.cause : error

// Messages of SQLSTATE class 22 quote the refused value, and the errors contain the statement with its values.
const withoutValues = (error: unknown): Error => {
  const { message, code } = driverError(error)
  return new Error(code.startsWith('22') ? `data exception ${code}` : `${code} ${message}`.trim())
}
