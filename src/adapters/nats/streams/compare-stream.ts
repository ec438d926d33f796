import type { ClusterInfo, StreamConfig, StreamInfo, StreamUpdateConfig } from 'nats'
import { millis } from 'nats'
import type { WantedStream } from './user-event-streams.ts'
import { configurationOf } from './user-event-streams.ts'

/** One setting in which a stream offers less than it must. Offering more is no difference. */
export type StreamDifference = {
  readonly setting: keyof StreamConfig
  readonly sentence: string
  /** The update that corrects it without taking anything away; null where only an operator can decide. */
  readonly correction: Partial<StreamUpdateConfig> | null
}

type Config = Readonly<StreamConfig>
type Wanted = ReturnType<typeof configurationOf>

/** The differences of this stream, unsafe ones first. */
export const compareStream = (
  { config, cluster }: Pick<StreamInfo, 'config' | 'cluster'>,
  stream: WantedStream,
): readonly StreamDifference[] => {
  const wanted = configurationOf(stream)
  return [
    ...lossesOf(config, wanted),
    ...missingSubjects(config, wanted),
    ...missingReplicas(config, memberCount(cluster), wanted),
    ...correctable(config, wanted),
  ]
}

/** Whether the difference could lose events. Nothing is published while a stream has such a difference. */
export const isUnsafe = ({ correction }: StreamDifference): boolean => correction === null

const lossesOf = (config: Config, wanted: Wanted): StreamDifference[] =>
  present([
    config.storage !== wanted.storage &&
      unsafe('storage', `is ${config.storage} and must be ${wanted.storage}`),
    config.retention !== wanted.retention &&
      unsafe('retention', `is ${config.retention} and must be ${wanted.retention}`),
    isLess(config.max_age, wanted.max_age) &&
      unsafe(
        'max_age',
        `is ${seconds(config.max_age)} and must be at least ${seconds(wanted.max_age)}`,
      ),
    config.max_msgs_per_subject > 0 &&
      unsafe('max_msgs_per_subject', `is ${config.max_msgs_per_subject} and must be unlimited`),
    config.no_ack === true && unsafe('no_ack', 'is true and must be false'),
    config.sealed && unsafe('sealed', 'is true and must be false'),
  ])

const missingSubjects = ({ subjects }: Config, wanted: Wanted): StreamDifference[] =>
  wanted.subjects
    .filter((subject) => !subjects.some((pattern) => covers(pattern, subject)))
    .map((subject) => unsafe('subjects', `lack ${subject}`))

const missingReplicas = (config: Config, members: number, wanted: Wanted): StreamDifference[] =>
  present([
    Math.min(config.num_replicas, members) < wanted.num_replicas &&
      unsafe(
        'num_replicas',
        `is ${config.num_replicas} on ${members} server${members === 1 ? '' : 's'} and must be ${wanted.num_replicas}`,
      ),
  ])

const correctable = (config: Config, wanted: Wanted): StreamDifference[] =>
  present([
    config.discard !== wanted.discard &&
      safe('discard', wanted, `is ${config.discard} and must be ${wanted.discard}`),
    isLess(config.max_msg_size, wanted.max_msg_size) &&
      safe('max_msg_size', wanted, `is ${config.max_msg_size} and must be ${wanted.max_msg_size}`),
    isLess(config.duplicate_window, wanted.duplicate_window) &&
      safe(
        'duplicate_window',
        wanted,
        `is ${seconds(config.duplicate_window)} and must be at least ${seconds(wanted.duplicate_window)}`,
      ),
  ])

const unsafe = (setting: keyof StreamConfig, what: string): StreamDifference => ({
  setting,
  sentence: `${setting} ${what}`,
  correction: null,
})

const safe = (
  setting: 'discard' | 'max_msg_size' | 'duplicate_window',
  wanted: Wanted,
  what: string,
): StreamDifference => ({
  setting,
  sentence: `${setting} ${what}`,
  correction: { [setting]: wanted[setting] },
})

const present = (found: readonly (StreamDifference | false)[]): StreamDifference[] =>
  found.filter((difference) => difference !== false)

/** Zero and negative numbers mean unlimited. */
const isLess = (found: number, wanted: number): boolean => found > 0 && found < wanted

const seconds = (nanoseconds: number): string => `${millis(nanoseconds) / 1000} s`

/** Whether every subject that matches `subject`, which may have wildcards too, also matches `pattern`. */
export const covers = (pattern: string, subject: string): boolean => {
  const wide = pattern.split('.')
  const narrow = subject.split('.')
  for (const [position, token] of wide.entries()) {
    const other = narrow[position]
    if (other === undefined) return false
    if (token === '>') return true
    if (other === '>' || (token !== '*' && token !== other)) return false
  }
  return wide.length === narrow.length
}

/** The servers that hold the stream, reachable or not. A server without a cluster counts as one, whatever is configured. */
const memberCount = (cluster: ClusterInfo | undefined): number =>
  1 + (cluster?.replicas ?? []).length

/** The servers that hold every message of the stream at this moment. */
export const currentCount = (cluster: ClusterInfo | undefined): number => {
  const followers = (cluster?.replicas ?? []).filter(({ current, offline }) => current && !offline)
  return (cluster?.leader === '' ? 0 : 1) + followers.length
}
