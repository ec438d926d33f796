import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ConnectionOptions, NatsConnection } from 'nats'
import { connect, ErrorCode, NatsError } from 'nats'
import { ROOT } from '../../../../scripts/repository.ts'
import type { Server } from '../../servers/provide/server.ts'

// The roles of ops/nats/accounts.conf, and what somebody with the password of a role tries.

const NAMES = ['AUTH', 'BACKEND', 'SOCIAL', 'CHAT', 'OPERATOR', 'SYSTEM']

export const passwordOf = (user: string): string => `password-of-${user}`

/** The configuration of a server with the accounts of the documents, for `givenNatsServer`. */
export const documentedAccounts = async (): Promise<string> =>
  withPasswords(await readFile(join(ROOT, 'ops/nats/accounts.conf'), 'utf8'))

export const withPasswords = (accounts: string): string =>
  [
    ...NAMES.map((name) => `NATS_${name}_PASSWORD: "${passwordOf(name.toLowerCase())}"`),
    accounts,
  ].join('\n')

export const connectAs = (
  server: Pick<Server, 'url'>,
  user: string,
  options: ConnectionOptions = {},
): Promise<NatsConnection> =>
  connect({
    servers: new URL(server.url).host,
    user,
    pass: passwordOf(user),
    inboxPrefix: `_INBOX.${user}`,
    ...options,
  })

const STREAMS = ['USER_EVENTS', 'USER_EVENTS_DIRECT', 'USER_EVENTS_DLQ']
const EVENT_SUBJECTS = ['user.events', 'user.events.v1', 'user.events.v2']

/** Every request that JetStream knows, for each stream, with the consumer's own name and with another's. */
export const everyVerb = (own: string, other: string): readonly string[] => [
  ...['INFO', 'STREAM.LIST', 'STREAM.NAMES', 'META.LEADER.STEPDOWN', 'SERVER.REMOVE'].map(api),
  ...['ACCOUNT.PURGE.USERS', 'ACCOUNT.STREAM.MOVE.USERS.USER_EVENTS'].map(api),
  ...STREAMS.flatMap((stream) => [
    ...['CREATE', 'UPDATE', 'INFO', 'DELETE', 'PURGE', 'SNAPSHOT', 'RESTORE'].map((verb) =>
      api(`STREAM.${verb}.${stream}`),
    ),
    ...['PEER.REMOVE', 'LEADER.STEPDOWN', 'MSG.GET', 'MSG.DELETE'].map((verb) =>
      api(`STREAM.${verb}.${stream}`),
    ),
    ...[`DIRECT.GET.${stream}`, `DIRECT.GET.${stream}.user.events`].map(api),
    ...['LIST', 'NAMES', 'CREATE'].map((verb) => api(`CONSUMER.${verb}.${stream}`)),
    ...[own, other].flatMap((name) => [
      ...['CREATE', 'DURABLE.CREATE', 'INFO', 'DELETE', 'PAUSE', 'UNPIN', 'RESET'].map((verb) =>
        api(`CONSUMER.${verb}.${stream}.${name}`),
      ),
      ...['LEADER.STEPDOWN', 'MSG.NEXT'].map((verb) => api(`CONSUMER.${verb}.${stream}.${name}`)),
      ...[...EVENT_SUBJECTS, `direct.user.events.${name}`, '>'].map((filter) =>
        api(`CONSUMER.CREATE.${stream}.${name}.${filter}`),
      ),
      `$JS.FC.${stream}.${name}.x`,
    ]),
    ...acknowledgements(stream, own, other),
  ]),
  ...EVENT_SUBJECTS,
  ...[own, other].flatMap((name) => [`direct.user.events.${name}`, `dlq.user.events.${name}`]),
  '$SYS.REQ.SERVER.PING',
  '$SYS.REQ.ACCOUNT.USERS.CONNZ',
]

const api = (rest: string): string => `$JS.API.${rest}`

/** Acknowledgements for another consumer, in each form that might be taken for one of the consumer's own. */
const acknowledgements = (stream: string, own: string, other: string): readonly string[] => [
  `$JS.ACK.${stream}.${other}.1.1.1.1.1`,
  `$JS.ACK.${stream}.${other}.${stream}.${own}.1.1.1`,
  `$JS.ACK._.hash.${stream}.${other}.1.1.1.1.1`,
  `$JS.ACK.${own}.${own}.${stream}.${other}.1.1.1.1.1`,
]

/** What comes back: an answer, nothing in time, `nobody` where nobody listens, or `refused` where the user has no right. */
export const answerTo = async (
  connection: NatsConnection,
  subject: string,
  body = subject.includes('MSG.NEXT') ? '{"batch":1,"no_wait":true}' : '',
): Promise<'an answer' | 'nothing' | 'nobody' | 'refused'> => {
  if (subject.endsWith('>')) return 'nobody'
  try {
    await connection.request(subject, body, { timeout: 2000 })
    return 'an answer'
  } catch (fault) {
    if (!(fault instanceof NatsError)) throw fault
    if (fault.code === ErrorCode.PermissionsViolation) return 'refused'
    return fault.code === ErrorCode.Timeout ? 'nothing' : 'nobody'
  }
}

/**
 * Sends every request of `everyVerb` with every reply subject on which somebody else would be harmed by the answer. Says
 * which subjects hold another number of messages than before, and which consumers moved that are not the attacker's own. A
 * consumer of its own counts when it pushes somewhere.
 */
export const harmBy = async (
  attacker: NatsConnection,
  operator: NatsConnection,
  own: string,
  other: string,
): Promise<readonly string[]> => {
  const ownLetters = `dlq.user.events.${own}`
  // The server pushes to a subject only while somebody listens: an operator who looks at the messages, for instance.
  const watching = ['direct.>', 'dlq.>'].map((subject) =>
    operator.subscribe(subject, { callback: () => {} }),
  )
  // A request for messages is answered only while somebody listens at its reply subject.
  const inbox = `_INBOX.${own}.taken`
  const taking = attacker.subscribe(inbox, { callback: () => {} })
  await operator.flush()
  const before = await stateOf(operator, own, ownLetters)
  const replies = [
    inbox,
    ...EVENT_SUBJECTS,
    `direct.user.events.${own}`,
    `direct.user.events.${other}`,
    `dlq.user.events.${other}`,
    ...STREAMS.map((stream) => api(`STREAM.PURGE.${stream}`)),
    api(`CONSUMER.MSG.NEXT.USER_EVENTS.${other}`),
    `$JS.ACK.USER_EVENTS.${other}.1.1.1.1.1`,
  ]
  for (const subject of everyVerb(own, other).filter((verb) => !verb.endsWith('>')))
    for (const reply of replies)
      for (const body of bodiesFor(subject, other)) attacker.publish(subject, body, { reply })
  await attacker.flush()
  // The server has answered everything that came before this.
  await answerTo(attacker, api(`STREAM.INFO.USER_EVENTS`))
  await operator.flush()
  for (const subscription of [...watching, taking]) subscription.unsubscribe()
  const after = await stateOf(operator, own, ownLetters)
  return Object.keys({ ...before, ...after }).filter((key) => before[key] !== after[key])
}

/** Bodies that make the most of a request. */
const bodiesFor = (subject: string, other: string): readonly string[] => {
  if (subject.includes('MSG.NEXT')) return ['{"batch":1,"no_wait":true}']
  if (subject.includes('MSG.GET')) return ['{"seq":1}']
  if (subject.includes('$JS.ACK')) return ['+NXT {"batch":1,"no_wait":true}', '+TERM']
  if (subject.includes('DURABLE.CREATE') || subject.includes('CONSUMER.CREATE'))
    return [pushTo(subject, `direct.user.events.${other}`)]
  return ['']
}

const pushTo = (subject: string, deliver: string): string => {
  const words = subject.split('.').slice(subject.includes('DURABLE') ? 5 : 4)
  const [stream, name, ...filter] = words
  return JSON.stringify({
    stream_name: stream,
    config: {
      ...(name === undefined ? {} : { durable_name: name, name }),
      ...(filter.length === 0 ? {} : { filter_subject: filter.join('.') }),
      ack_policy: 'none',
      deliver_subject: deliver,
    },
  })
}

/** How much each subject holds, and where each consumer but `own` is. Messages on `except` do not count. */
const stateOf = async (
  operator: NatsConnection,
  own: string,
  except: string,
): Promise<Readonly<Record<string, string>>> => {
  const api = await operator.jetstreamManager()
  const state: Record<string, string> = {}
  for (const stream of STREAMS) {
    const info = await api.streams.info(stream, { subjects_filter: '>' })
    for (const [subject, count] of Object.entries(info.state.subjects ?? {}))
      if (subject !== except) state[subject] = String(count)
    for await (const { name, delivered, ack_floor: floor, config } of api.consumers.list(stream))
      if (name !== own || config.deliver_subject !== undefined)
        state[`${stream}.${name}`] = JSON.stringify([delivered.consumer_seq, floor, config])
  }
  return state
}
