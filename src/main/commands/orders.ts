import type { OwnerCommandName } from './owner-commands.ts'
import type { DoorWords } from './serve-contract.ts'
import type { ContractWords } from './verify-contract-files.ts'

/** What the words of a command line ask for. */
export type Order =
  | { readonly kind: 'help' | 'doctor' | 'keys-generate' }
  | { readonly kind: 'admin-create'; readonly email: string; readonly username: string }
  | { readonly kind: 'events-tail'; readonly userId: string | null }
  | { readonly kind: 'events-replay'; readonly request: ReplayWords }
  | { readonly kind: 'events-discard'; readonly selection: DiscardWords }
  | { readonly kind: 'contract-verify'; readonly request: ContractWords }
  | { readonly kind: 'contract-serve'; readonly door: DoorWords }
  | { readonly kind: 'sync-status' }
  | { readonly kind: 'sync-set'; readonly request: SyncWords }
  | { readonly kind: 'plain'; readonly name: Extract<OwnerCommandName, PlainName> }

type PlainName = 'migrate' | 'keys-rotate' | 'keys-retire' | 'nats-apply'

type ReplayWords = {
  readonly channel: string
  readonly userId: string | null
  readonly from: string | null
  readonly to: string | null
  readonly dryRun: boolean
}

/** A mode as the command line has it. */
export type SyncWords = {
  readonly mode: string
  readonly percent: string | null
  readonly dualWrite: string | null
  readonly confirmSilence: string | null
  readonly acceptGap: boolean
  readonly reason: string
}

type DiscardWords = {
  readonly channel: string | null
  readonly userId: string | null
  readonly eventId: string | null
}

type TextOption =
  | 'email'
  | 'username'
  | 'channel'
  | 'user'
  | 'event'
  | 'from'
  | 'to'
  | 'publish'
  | 'host'
  | 'port'
  | 'percent'
  | 'dual-write'
  | 'confirm-silence'
  | 'reason'
type Switch = 'dry-run' | 'accept-gap'

export type OptionValues = { readonly [option in TextOption]?: string } & {
  readonly dryRun: boolean
  readonly acceptGap: boolean
  /** The words after the command's own. */
  readonly paths: readonly string[]
}

/** One command with the options that it takes, and those of them that it needs. */
type Reading = {
  readonly takes: readonly (TextOption | Switch)[]
  readonly needs: readonly TextOption[]
  /** Whether paths may follow the words. */
  readonly takesPaths?: true
  readonly read: (values: OptionValues) => Order
}

const plain = (order: Order): Reading => ({ takes: [], needs: [], read: () => order })

/** Every command by its words, but help. */
export const ORDERS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ['doctor', plain({ kind: 'doctor' })],
  ['migrate', plain({ kind: 'plain', name: 'migrate' })],
  ['nats apply', plain({ kind: 'plain', name: 'nats-apply' })],
  ['keys generate', plain({ kind: 'keys-generate' })],
  ['keys rotate', plain({ kind: 'plain', name: 'keys-rotate' })],
  ['keys retire', plain({ kind: 'plain', name: 'keys-retire' })],
  [
    'admin create',
    {
      takes: ['email', 'username'],
      needs: ['email', 'username'],
      read: ({ email = '', username = '' }) => ({ kind: 'admin-create', email, username }),
    },
  ],
  ['sync status', plain({ kind: 'sync-status' })],
  [
    'sync set',
    {
      takes: ['percent', 'dual-write', 'confirm-silence', 'accept-gap', 'reason'],
      needs: ['reason'],
      takesPaths: true,
      read: ({ paths, percent = null, acceptGap, reason = '', ...texts }) => ({
        kind: 'sync-set',
        request: {
          ...{ mode: paths.join(' '), percent, acceptGap, reason },
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
      takes: ['channel', 'user', 'from', 'to', 'dry-run'],
      needs: ['channel'],
      read: ({ channel = '', user = null, from = null, to = null, dryRun }) => ({
        kind: 'events-replay',
        request: { channel, userId: user, from, to, dryRun },
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
        door: { host, port },
      }),
    },
  ],
])
