import type { Registry } from 'prom-client'
import { Counter, Gauge, Histogram } from 'prom-client'

/** Counts what happened; the name ends in `_total`. */
export const counter = (
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
): Counter => new Counter({ name, help, labelNames: [...labels], registers: [registry] })

/** Distributes durations in seconds over buckets; the name ends in `_seconds`. */
export const histogram = (
  registry: Registry,
  name: string,
  help: string,
  { labels, buckets }: { readonly labels: readonly string[]; readonly buckets: readonly number[] },
): Histogram =>
  new Histogram({
    name,
    help,
    labelNames: [...labels],
    buckets: [...buckets],
    registers: [registry],
  })

/** Shows something that rises and falls, read when it is asked for. */
export const gauge = (
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
  collect: (gauge: Gauge) => void,
): Gauge =>
  new Gauge({
    name,
    help,
    labelNames: [...labels],
    registers: [registry],
    collect() {
      collect(this)
    },
  })
