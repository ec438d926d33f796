import type { OwnerCommandName } from '../../ports/driving/operations/owner-commands.ts'
import type { ServeRequest, VerifyRequest } from './events/contracts.ts'

/** What a command line asks for. */
export type Command =
  | { readonly kind: 'help' | 'doctor' }
  | {
      readonly kind: 'keys-generate' | 'keys-rotate' | 'keys-retire'
      /** Where the keys are written; null for standard output. */
      readonly file: string | null
    }
  | { readonly kind: 'admin-create'; readonly email: string; readonly username: string }
  | { readonly kind: 'users-unlock'; readonly account: string }
  | { readonly kind: 'events-tail'; readonly userId: string | null }
  | { readonly kind: 'events-replay'; readonly request: ReplayRequest }
  | { readonly kind: 'events-send' | 'events-snapshot'; readonly request: SendRequest }
  | { readonly kind: 'dead-letters-list'; readonly consumer: string | null }
  | { readonly kind: 'dead-letters-redrive'; readonly selection: RedriveSelection }
  | { readonly kind: 'events-discard'; readonly selection: DiscardSelection }
  | { readonly kind: 'contract-verify'; readonly request: VerifyRequest }
  | { readonly kind: 'contract-serve'; readonly request: ServeRequest }
  | { readonly kind: 'sync-status' | 'sync-report' }
  | { readonly kind: 'sync-set'; readonly request: SyncModeText }
  | { readonly kind: 'nats-consumer'; readonly request: ConsumersRequest }
  | { readonly kind: 'plain'; readonly name: PlainName }

/** Commands without any option. */
type PlainName = Extract<OwnerCommandName, 'migrate' | 'nats-apply' | 'events-rebase'>

type ReplayRequest = {
  readonly channel: string
  readonly userId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly dryRun: boolean
}

/** A mode as it was typed. */
type SyncModeText = {
  readonly mode: string
  readonly percent: string | null
  readonly dualWrite: string | null
  readonly confirmSilence: string | null
  readonly acceptGap: boolean
  readonly reason: string
}

type SendRequest = {
  readonly consumer: string
  readonly schemaVersion: string | null
  readonly after: string | null
  readonly rate: string | null
  readonly dryRun: boolean
} & Partial<Pick<ReplayRequest, 'userId' | 'from' | 'to'>>

/** Which consumers, and the version of the events that they read, as it was typed. */
type ConsumersRequest = {
  readonly consumers: string
  readonly schemaVersion: string
  readonly deliver: string | null
}

type RedriveSelection = { readonly consumer: string; readonly id: string | null }

type DiscardSelection = {
  readonly channel: string | null
  readonly userId: string | null
  readonly eventId: string | null
}

export const TEXT_OPTIONS = [
  'out',
  'email',
  'username',
  'channel',
  'user',
  'event',
  'from',
  'until',
  'to',
  'schema',
  'deliver',
  'after',
  'rate',
  'consumer',
  'id',
  'publish',
  'host',
  'port',
  'percent',
  'dual-write',
  'confirm-silence',
  'reason',
] as const
export type TextOption = (typeof TEXT_OPTIONS)[number]

type Switch = 'dry-run' | 'accept-gap'

export type OptionValues = { readonly [option in TextOption]?: string } & {
  readonly dryRun: boolean
  readonly acceptGap: boolean
  /** The words after the command's own. */
  readonly paths: readonly string[]
}

/** One command with the options that it takes, and those of them that it needs. */
export type CommandSyntax = {
  readonly takes: readonly (TextOption | Switch)[]
  readonly needs: readonly TextOption[]
  /** Whether paths may follow the words of the command. */
  readonly takesPaths?: true
  /** Exactly one of these is needed. */
  readonly oneOf?: readonly TextOption[]
  /** Options that make sense only together with the option that they are listed under. */
  readonly onlyWith?: Readonly<Partial<Record<TextOption, readonly TextOption[]>>>
  readonly read: (values: OptionValues) => Command
}

const plain = (command: Command): CommandSyntax => ({
  takes: [],
  needs: [],
  read: () => command,
})

const keys = (kind: 'keys-generate' | 'keys-rotate' | 'keys-retire'): CommandSyntax => ({
  takes: ['out'],
  needs: [],
  read: ({ out = null }) => ({ kind, file: out }),
})

const sendRequest = (
  consumer: string,
  { schema, after, rate, dryRun }: OptionValues,
): SendRequest => ({
  consumer,
  schemaVersion: schema ?? null,
  after: after ?? null,
  rate: rate ?? null,
  dryRun,
})

/** Every command by its words, except help. */
export const COMMANDS: ReadonlyMap<string, CommandSyntax> = new Map<string, CommandSyntax>([
  ['doctor', plain({ kind: 'doctor' })],
  ['migrate', plain({ kind: 'plain', name: 'migrate' })],
  ['nats apply', plain({ kind: 'plain', name: 'nats-apply' })],
  [
    'nats consumer',
    {
      takes: ['schema', 'deliver'],
      needs: ['schema'],
      takesPaths: true,
      read: ({ paths, schema = '', deliver = null }) => ({
        kind: 'nats-consumer',
        request: { consumers: paths.join(), schemaVersion: schema, deliver },
      }),
    },
  ],
  ['events rebase', plain({ kind: 'plain', name: 'events-rebase' })],
  ['keys generate', keys('keys-generate')],
  ['keys rotate', keys('keys-rotate')],
  ['keys retire', keys('keys-retire')],
  [
    'admin create',
    {
      takes: ['email', 'username'],
      needs: ['email', 'username'],
      read: ({ email = '', username = '' }) => ({ kind: 'admin-create', email, username }),
    },
  ],
  [
    'users unlock',
    {
      takes: ['user', 'email', 'username'],
      needs: [],
      oneOf: ['user', 'email', 'username'],
      read: ({ user, email, username }) => ({
        kind: 'users-unlock',
        account: user ?? email ?? username ?? '',
      }),
    },
  ],
  ['sync status', plain({ kind: 'sync-status' })],
  ['sync report', plain({ kind: 'sync-report' })],
  [
    'sync set',
    {
      takes: ['percent', 'dual-write', 'confirm-silence', 'accept-gap', 'reason'],
      needs: ['reason'],
      takesPaths: true,
      read: ({ paths, percent = null, acceptGap, reason = '', ...texts }) => ({
        kind: 'sync-set',
        request: {
          mode: paths.join(' '),
          percent,
          acceptGap,
          reason,
          dualWrite: texts['dual-write'] ?? null,
          confirmSilence: texts['confirm-silence'] ?? null,
        },
      }),
    },
  ],
  [
    'events tail',
    {
      takes: ['user'],
      needs: [],
      read: ({ user = null }) => ({ kind: 'events-tail', userId: user }),
    },
  ],
  [
    'events replay',
    {
      takes: ['channel', 'user', 'from', 'until', 'to', 'schema', 'after', 'rate', 'dry-run'],
      needs: [],
      oneOf: ['channel', 'to'],
      onlyWith: { to: ['schema', 'after', 'rate'] },
      read: ({ channel = '', user = null, from = null, until = null, to, ...values }) => {
        const span = { userId: user, from, to: until }
        return to === undefined
          ? { kind: 'events-replay', request: { channel, ...span, dryRun: values.dryRun } }
          : { kind: 'events-send', request: { ...sendRequest(to, values), ...span } }
      },
    },
  ],
  [
    'events snapshot',
    {
      takes: ['to', 'schema', 'after', 'rate', 'dry-run'],
      needs: ['to'],
      read: ({ to = '', ...values }) => ({
        kind: 'events-snapshot',
        request: sendRequest(to, values),
      }),
    },
  ],
  [
    'dead-letters list',
    {
      takes: ['consumer'],
      needs: [],
      read: ({ consumer = null }) => ({ kind: 'dead-letters-list', consumer }),
    },
  ],
  [
    'dead-letters redrive',
    {
      takes: ['consumer', 'id'],
      needs: ['consumer'],
      read: ({ consumer = '', id = null }) => ({
        kind: 'dead-letters-redrive',
        selection: { consumer, id },
      }),
    },
  ],
  [
    'events discard',
    {
      takes: ['channel', 'user', 'event'],
      needs: [],
      read: ({ channel = null, user = null, event = null }) => ({
        kind: 'events-discard',
        selection: { channel, userId: user, eventId: event },
      }),
    },
  ],
  [
    'contract verify',
    {
      takes: ['publish'],
      needs: [],
      takesPaths: true,
      read: ({ paths, publish = null }) => ({
        kind: 'contract-verify',
        request: { paths, publish },
      }),
    },
  ],
  [
    'contract serve',
    {
      takes: ['host', 'port'],
      needs: [],
      read: ({ host = '127.0.0.1', port = '8090' }) => ({
        kind: 'contract-serve',
        request: { host, port },
      }),
    },
  ],
])
