export type LogLevel = 'debug' | 'info' | 'warn' | 'error'

/** Everything that this service ever logs. One name, one meaning; ids yes, addresses and tokens never. */
export type LogEvent =
  | 'service.embedded-parts'
  | 'service.started'
  | 'service.stopping'
  | 'service.stopped'
  | 'service.stop-timeout'
  | 'request'
  | 'request.fault'
  | 'process.unhandled-rejection'
  | 'relay.delivered'
  | 'relay.retry'
  | 'relay.parked'
  | 'relay.fault'
  | 'auditor.compared'
  | 'events.replayed'
  | 'events.discarded'
  | 'relay.fenced'
  | 'relay.shards-taken'
  | 'relay.slow-publish'
  | 'nats.connected'
  | 'nats.disconnected'
  | 'nats.unreachable'
  | 'nats.stream'
  | 'redis.missing'
  | 'redis.lost'
  | 'redis.back'
  | 'sample-consumer.event'
  | 'maintenance.done'
  | 'maintenance.fault'
  | 'password.rehash-failed'
  | 'keys.generated'
  | 'command.done'

export type LogFields = Readonly<Record<string, string | number | boolean | null | undefined>>

export type Log = (level: LogLevel, event: LogEvent, fields?: LogFields, fault?: unknown) => void
