import type { JetStreamManager, StreamInfo } from 'nats'
import type { StreamReport, StreamStatus } from '../../../domain/events/stream-report.ts'
import type { EventStreams } from '../../../ports/driven/events/event-streams.ts'
import type { Log, LogLevel } from '../../../ports/driven/shared/log.ts'
import type { Nats } from '../connection/open-nats.ts'
import type { StreamDifference } from './compare-stream.ts'
import { compareStream, currentCount, isUnsafe } from './compare-stream.ts'
import { errorCodeOf, findStream, streamApi } from './stream-api.ts'
import type { WantedStream } from './user-event-streams.ts'
import { configurationOf } from './user-event-streams.ts'

type Needs = {
  readonly nats: Pick<Nats, 'connection'>
  /** The stream of all user events first. */
  readonly streams: readonly WantedStream[]
  /** `apply` lets this service create and correct streams; with `verify` it only reads them. */
  readonly provision: 'apply' | 'verify'
  readonly log: Log
}

/** Compares the streams with what they must be. */
export const makeEventStreams = ({ nats, streams, provision, log }: Needs): EventStreams => {
  let reports: readonly StreamReport[] = streams.map(({ name }) => unread(name))

  const read = async (api: JetStreamManager, stream: WantedStream, place: number) => {
    const found = await findStream(api, stream.name)
    if (found !== null) return compared(await corrected(api, found, stream, provision), stream)
    const missing = { ...unread(stream.name), state: 'missing' as const }
    // Reported before it is created, because the new stream is another one than before.
    reports = reports.with(place, missing)
    return provision === 'verify' ? missing : created(api, stream)
  }

  const verifyOne = async (stream: WantedStream, place: number): Promise<void> => {
    const before = reports[place] ?? unread(stream.name)
    try {
      const report = await read(await streamApi(nats), stream, place)
      reports = reports.with(place, report)
      if (isDifferent(before, report)) logReport(log, report)
    } catch (fault) {
      log('warn', 'nats.stream', { stream: stream.name, during: 'verify' }, fault)
    }
  }

  return {
    async verify() {
      for (const [place, stream] of streams.entries()) await verifyOne(stream, place)
      return reports
    },
    reports: () => reports,
    isReady: () => reports[0]?.state === 'ready',
  }
}

const unread = (name: string): StreamReport => ({
  name,
  state: 'unknown',
  differences: [],
  status: null,
})

const created = async (api: JetStreamManager, stream: WantedStream): Promise<StreamReport> => {
  try {
    return compared(await api.streams.add(configurationOf(stream)), stream)
  } catch (fault) {
    const code = errorCodeOf(fault)
    if (code === null || !(fault instanceof Error)) throw fault
    const sentence = `cannot be created: ${fault.message} (${code})`
    return { ...unread(stream.name), state: 'missing', differences: [sentence] }
  }
}

/** Corrects a stream only when no difference is unsafe. Otherwise an operator has to decide about all differences. */
const corrected = async (
  api: JetStreamManager,
  found: StreamInfo,
  stream: WantedStream,
  provision: Needs['provision'],
): Promise<StreamInfo> => {
  const differences = compareStream(found, stream)
  if (provision === 'verify' || differences.length === 0 || differences.some(isUnsafe)) return found
  return api.streams.update(
    stream.name,
    Object.assign({}, ...differences.map(({ correction }: StreamDifference) => correction)),
  )
}

const compared = (found: StreamInfo, stream: WantedStream): StreamReport => {
  const differences = compareStream(found, stream)
  return {
    name: stream.name,
    state: differences.some(isUnsafe) ? 'drifted' : 'ready',
    differences: differences.map(({ sentence }) => sentence),
    status: statusOf(found),
  }
}

const statusOf = ({ config, state, cluster, created }: StreamInfo): StreamStatus => ({
  name: config.name,
  replicasConfigured: config.num_replicas,
  replicasCurrent: currentCount(cluster),
  messages: state.messages,
  bytes: state.bytes,
  firstSequence: state.first_seq,
  lastSequence: state.last_seq,
  createdAt: new Date(created),
})

const isDifferent = (before: StreamReport, after: StreamReport): boolean =>
  before.state !== after.state || before.differences.join() !== after.differences.join()

const logReport = (log: Log, { name, state, differences }: StreamReport): void => {
  const level: LogLevel = state !== 'ready' ? 'error' : differences.length > 0 ? 'warn' : 'info'
  log(level, 'nats.stream', { stream: name, state, differences: differences.join('; ') })
}
