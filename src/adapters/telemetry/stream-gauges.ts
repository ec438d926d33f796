import type { Registry } from 'prom-client'
import type { StreamReport, StreamStatus } from '../../ports/driven/events/event-streams.ts'
import { gauge } from './instruments.ts'

/** What the broker's streams hold and how safely, as last looked at. A stream that was never read shows nothing. */
export const makeStreamGauges = (registry: Registry) => {
  let reports: readonly StreamReport[] = []
  const show = (name: string, help: string, read: (status: StreamStatus) => number) =>
    gauge(registry, name, help, ['stream'], (shown) => {
      shown.reset()
      for (const { name: stream, status } of reports)
        if (status !== null) shown.set({ stream }, read(status))
    })
  show('auth_stream_replicas', 'Servers a stream is to be held by', (it) => it.replicasConfigured)
  show('auth_stream_replicas_current', 'Servers that hold all of it', (it) => it.replicasCurrent)
  show('auth_stream_messages', 'Messages in a stream', (it) => it.messages)
  show('auth_stream_bytes', 'Size of a stream', (it) => it.bytes)
  gauge(registry, 'auth_stream_ready', 'Whether a stream is as it must be', ['stream'], (shown) => {
    for (const { name: stream, state } of reports) shown.set({ stream }, state === 'ready' ? 1 : 0)
  })
  return {
    set: (latest: readonly StreamReport[]): void => {
      reports = latest
    },
  }
}
