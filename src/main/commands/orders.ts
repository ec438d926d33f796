import type { OptionValues, Order, Reading } from './order.ts'

const plain = (order: Order): Reading => ({ takes: [], needs: [], read: () => order })

const sendWords = (consumer: string, { schema, after, rate, dryRun }: OptionValues) => ({
  ...{ consumer, dryRun },
  ...{ schemaVersion: schema ?? null, after: after ?? null, rate: rate ?? null },
})

/** Every command by its words, but help. */
export const ORDERS: ReadonlyMap<string, Reading> = new Map<string, Reading>([
  ['doctor', plain({ kind: 'doctor' })],
  ['migrate', plain({ kind: 'plain', name: 'migrate' })],
  ['nats apply', plain({ kind: 'plain', name: 'nats-apply' })],
  ['events rebase', plain({ kind: 'plain', name: 'events-rebase' })],
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
      takes: ['channel', 'user', 'from', 'until', 'to', 'schema', 'after', 'rate', 'dry-run'],
      needs: [],
      oneOf: ['channel', 'to'],
      onlyWith: { to: ['schema', 'after', 'rate'] },
      read: ({ channel = '', user = null, from = null, until = null, to, ...values }) => {
        const span = { userId: user, from, to: until }
        return to === undefined
          ? { kind: 'events-replay', request: { channel, ...span, dryRun: values.dryRun } }
          : { kind: 'events-send', request: { ...sendWords(to, values), ...span } }
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
        request: sendWords(to, values),
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
        door: { host, port },
      }),
    },
  ],
])
