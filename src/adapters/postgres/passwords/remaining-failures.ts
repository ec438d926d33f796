import type { SQL } from 'drizzle-orm'
import { sql } from 'drizzle-orm'
import { FAILURES_HALVE_HOURS } from '../../../domain/limits/limits.ts'

/** More halvings leave nothing of any count. */
const MOST_HALVINGS = 30

/**
 * What is left of the failures in the row `credential` at an instant: they halve once for each whole day since
 * `failures_halved_at`. `halvedAt` is the instant from which the next day counts. Nothing that a stranger does moves it.
 */
export const remainingFailures = (
  now: SQL,
): { readonly count: SQL; readonly byPrefix: SQL; readonly halvedAt: SQL } => {
  const halvings = sql`greatest(0, least(${sql.raw(String(MOST_HALVINGS))}, floor(extract(epoch from
    ${now} - credential.failures_halved_at) / ${sql.raw(String(FAILURES_HALVE_HOURS * 3600))})
  ))::integer`
  return {
    count: sql`(credential.consecutive_failures >> ${halvings})`,
    byPrefix: sql`(case when ${halvings} = 0 then credential.failures_by_prefix else (
      select coalesce(jsonb_object_agg(key, value::integer >> ${halvings}), '{}'::jsonb)
      from jsonb_each_text(credential.failures_by_prefix) where value::integer >> ${halvings} > 0
    ) end)`,
    halvedAt: sql`credential.failures_halved_at
      + ${halvings} * make_interval(hours => ${sql.raw(String(FAILURES_HALVE_HOURS))})`,
  }
}
