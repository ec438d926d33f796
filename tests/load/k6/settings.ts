import type { Load } from '../run/load-of-suite.ts'
import { loadOf } from '../run/load-of-suite.ts'
import { suiteNamed } from '../run/suites.ts'

/** The addresses of the instances of the service, from `BASE_URL`, comma-separated. Requests go to them in turn. */
export const ADDRESSES: readonly string[] = (__ENV['BASE_URL'] ?? 'http://127.0.0.1:3000').split(
  ',',
)

/** The address of the observer, which measures events. Null: events are not measured. */
export const OBSERVER: string | null = __ENV['OBSERVER_URL'] || null

/** The load of a suite in this run. */
export const loadOfSuite = (name: string): Load => loadOf(suiteNamed(name), __ENV)
