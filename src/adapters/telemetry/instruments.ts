import type { Registry } from 'prom-client'
import { Counter, Gauge, Histogram } from 'prom-client'

/** A counter. Its name ends in `_total`. */
export const counter = (
  registry: Registry,
  name: string,
  help: string,
  labels: readonly string[],
): Counter => new Counter({ name, help, labelNames: [...labels], registers: [registry] })

/** A histogram of durations in seconds. Its name ends in `_seconds`. */
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

/** A gauge whose value is read when the metrics are asked for. */
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
