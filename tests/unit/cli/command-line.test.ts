import { describe, expect, test } from 'bun:test'
import { readCommandLine, USAGE } from '../../../src/adapters/cli/command-line.ts'

const read = (line: string) => readCommandLine(line.split(' ').filter((word) => word !== ''))

describe('the command line', () => {
  test.each([
    ['migrate', { kind: 'plain', name: 'migrate' }],
    ['keys generate', { kind: 'keys-generate', file: null }],
    ['keys generate --out k.env', { kind: 'keys-generate', file: 'k.env' }],
    ['sync report', { kind: 'sync-report' }],
    ['keys rotate', { kind: 'keys-rotate', file: null }],
    ['keys rotate --out k.env', { kind: 'keys-rotate', file: 'k.env' }],
    ['keys retire', { kind: 'keys-retire', file: null }],
    ['keys retire --out k.env', { kind: 'keys-retire', file: 'k.env' }],
    ['doctor', { kind: 'doctor' }],
    ['help', { kind: 'help' }],
    ['', { kind: 'help' }],
    ['migrate --help', { kind: 'help' }],
    ['admin create -h', { kind: 'help' }],
    [
      'admin create --username ada --email ada@acme.org',
      { kind: 'admin-create', email: 'ada@acme.org', username: 'ada' },
    ],
    [
      'admin create --username=ada --email=ada@acme.org',
      { kind: 'admin-create', email: 'ada@acme.org', username: 'ada' },
    ],
    ['users unlock --user u1', { kind: 'users-unlock', account: 'u1' }],
    ['users unlock --email ada@acme.org', { kind: 'users-unlock', account: 'ada@acme.org' }],
    ['users unlock --username ada', { kind: 'users-unlock', account: 'ada' }],
    [
      'contract verify a.json b.json',
      { kind: 'contract-verify', request: { paths: ['a.json', 'b.json'], publish: null } },
    ],
    [
      'contract verify --publish 1.2.0',
      { kind: 'contract-verify', request: { paths: [], publish: '1.2.0' } },
    ],
    ['contract serve', { kind: 'contract-serve', request: { host: '127.0.0.1', port: '8090' } }],
    [
      'contract serve --host 0.0.0.0 --port 0',
      { kind: 'contract-serve', request: { host: '0.0.0.0', port: '0' } },
    ],
    ['nats apply', { kind: 'plain', name: 'nats-apply' }],
    [
      'nats consumer backend social --schema 1',
      {
        kind: 'nats-consumer',
        request: { consumers: 'backend,social', schemaVersion: '1', deliver: null },
      },
    ],
    [
      'nats consumer newsletter --schema 2 --deliver new',
      {
        kind: 'nats-consumer',
        request: { consumers: 'newsletter', schemaVersion: '2', deliver: 'new' },
      },
    ],
    ['events tail', { kind: 'events-tail', userId: null }],
    ['events tail --user u1', { kind: 'events-tail', userId: 'u1' }],
    [
      'events replay --channel nats:user.events',
      {
        kind: 'events-replay',
        request: { channel: 'nats:user.events', userId: null, from: null, to: null, dryRun: false },
      },
    ],
    [
      'events replay --channel c --user u1 --from a --until b --dry-run',
      {
        kind: 'events-replay',
        request: { channel: 'c', userId: 'u1', from: 'a', to: 'b', dryRun: true },
      },
    ],
    [
      'events replay --to backend',
      {
        kind: 'events-send',
        request: {
          consumer: 'backend',
          schemaVersion: null,
          after: null,
          rate: null,
          dryRun: false,
          userId: null,
          from: null,
          to: null,
        },
      },
    ],
    [
      'events replay --to backend --user u1 --from a --until b --schema 2 --after p --rate 9 --dry-run',
      {
        kind: 'events-send',
        request: {
          consumer: 'backend',
          schemaVersion: '2',
          after: 'p',
          rate: '9',
          dryRun: true,
          userId: 'u1',
          from: 'a',
          to: 'b',
        },
      },
    ],
    [
      'events snapshot --to backend --schema 1 --after p --rate 9 --dry-run',
      {
        kind: 'events-snapshot',
        request: { consumer: 'backend', schemaVersion: '1', after: 'p', rate: '9', dryRun: true },
      },
    ],
    ['events rebase', { kind: 'plain', name: 'events-rebase' }],
    ['dead-letters list', { kind: 'dead-letters-list', consumer: null }],
    ['dead-letters list --consumer c', { kind: 'dead-letters-list', consumer: 'c' }],
    [
      'dead-letters redrive --consumer c',
      { kind: 'dead-letters-redrive', selection: { consumer: 'c', id: null } },
    ],
    [
      'dead-letters redrive --consumer c --id 1,2',
      { kind: 'dead-letters-redrive', selection: { consumer: 'c', id: '1,2' } },
    ],
    [
      'events discard --channel c --user u1 --event e1',
      {
        kind: 'events-discard',
        selection: { channel: 'c', userId: 'u1', eventId: 'e1' },
      },
    ],
  ])('understands "%s"', (line, order) => {
    expect(read(line)).toEqual({ ok: true, value: order } as ReturnType<typeof read>)
  })

  test.each([
    'migrat',
    'keys',
    'keys rotate now',
    'keysrotate',
    'toString',
    '__proto__',
    'users',
    'users unlock',
    'users unlock ada',
    'users unlock --user u1 --username ada',
    'admin',
    'admin create',
    'admin create --email ada@acme.org',
    'admin create --username ada',
    'admin create --email= --username=ada',
    'admin create --email ada@acme.org --username',
    'admin create --email ada@acme.org --username ada --password x',
    'migrate --email ada@acme.org',
    '--port 3000',
    'events',
    'events tails',
    'events tail --channel c',
    'events replay',
    'events replay --channel=',
    'events replay --channel c --event e1',
    'events replay --channel c --dry-run=yes',
    'events replay --channel c --to backend',
    'events replay --to=',
    'events replay --channel c --rate 5',
    'events replay --channel c --after p',
    'events replay --channel c --schema 1',
    'events snapshot',
    'events snapshot --to backend --user u1',
    'events snapshot --to backend --channel c',
    'events rebase --to backend',
    'dead-letters',
    'dead-letters list --id 1',
    'dead-letters redrive',
    'dead-letters redrive --consumer=',
    'events discard --channel c --dry-run',
    'events discard --reason x',
    'migrate --dry-run',
    'nats',
    'nats apply --channel c',
    'nats consumer backend',
    'nats consumer backend --schema=',
    'nats consumer backend --consumer chat',
    'contract',
    'contract serve a.json',
    'migrate a.json',
  ])('refuses "%s" in one sentence', (line) => {
    const order = read(line)
    expect(order.ok ? order.value : order.refusal).toMatch(/^[^\n]+\.$/)
  })

  test('takes no password among its words', () => {
    expect(USAGE.join('\n')).not.toContain('--password')
  })
})
