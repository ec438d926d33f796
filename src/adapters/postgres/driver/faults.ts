import { Unavailable } from '../../../domain/shared/unavailable.ts'

/**
 * Waits for a statement. What expects to work again is thrown as `Unavailable`; any other fault keeps its code
 * and loses the statement and its values, which must not reach a log.
 */
export const attempt = async <T>(statement: PromiseLike<T>): Promise<T> => {
  try {
    return await statement
  } catch (error) {
    throw faultOf(error)
  }
}

/** A statement that the database refused. */
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

/** The unique constraint that a statement ran into; null for every other fault. */
export const violatedUniqueness = (error: unknown): string | null =>
  error instanceof StatementFault && error.code === UNIQUE_VIOLATION ? error.constraint : null

const UNIQUE_VIOLATION = '23505'

// Connection lost, resources short, shutting down, cancelled, lock not had in time, deadlock, read-only standby.
const PASSING_STATES = /^(?:08...|53...|57P0.|57014|55P03|40001|40P01|25006)$/
const LOST_CONNECTION = /^(?:CONNECTION_|CONNECT_|ECONN|EPIPE|ETIMEDOUT|ENOTFOUND|EHOSTUNREACH)/
const CLOSED = /^PGlite is clos(?:ed|ing)$/

const faultOf = (error: unknown): unknown => {
  const thrown = innermost(error)
  if (thrown instanceof Unavailable) return thrown
  const { message, code, constraint } = driverError(thrown)
  if (CLOSED.test(message) || LOST_CONNECTION.test(code) || PASSING_STATES.test(code))
    return unavailable(thrown)
  return SQLSTATE.test(code)
    ? new StatementFault(code, constraint, { cause: withoutValues(thrown) })
    : thrown
}

/** For a fault that expects to work again, whatever it was; one that says so itself stays as it is. */
export const unavailable = (fault: unknown): Unavailable =>
  fault instanceof Unavailable
    ? fault
    : new Unavailable('the database is not available', 1, { cause: withoutValues(fault) })

const SQLSTATE = /^[0-9A-Z]{5}$/

type DriverError = { message: string; code: string; constraint: string | null }

/** What the drivers say about an error, each by names of its own. */
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

// Drizzle's own error carries the statement with its values, and the driver's as its cause.
const innermost = (error: unknown): unknown =>
  error instanceof Error && error.cause instanceof Error && 'query' in error ? error.cause : error

// Messages of class 22 quote the value that was refused; the errors themselves carry statement and values.
const withoutValues = (error: unknown): Error => {
  const { message, code } = driverError(error)
  return new Error(code.startsWith('22') ? `data exception ${code}` : `${code} ${message}`.trim())
}
