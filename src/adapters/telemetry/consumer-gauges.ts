import type { Registry } from 'prom-client'
import type { ConsumerReport } from '../../ports/driven/events/event-consumers.ts'
import { gauge } from './instruments.ts'

/** Who reads the stream of user events, as last found. Their names are the operator's, so the series stay few. */
export const makeConsumerGauges = (registry: Registry) => {
  let reports: readonly ConsumerReport[] = []
  const show = (name: string, help: string, read: (report: ConsumerReport) => number) =>
    gauge(registry, name, help, ['consumer', 'subject'], (shown) => {
      shown.reset()
      for (const report of reports)
        shown.set({ consumer: report.name, subject: report.subject }, read(report))
    })
  show('auth_consumer_pending', 'Messages not given yet', (it) => it.pending)
  show('auth_consumer_ack_pending', 'Messages not acknowledged', (it) => it.ackPending)
  show('auth_consumer_redelivered', 'Messages given more than once', (it) => it.redelivered)
  show(
    'auth_consumer_oldest_unacked_seconds',
    'Age of the oldest message not acknowledged, 0 when there is none',
    (it) => it.oldestUnackedSeconds ?? 0,
  )
  return {
    set: (latest: readonly ConsumerReport[]): void => {
      reports = latest
    },
  }
}
