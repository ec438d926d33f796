import { describe, expect, test } from 'bun:test'
import { readCommandLine, USAGE } from '../../../src/main/commands/command-line.ts'

const read = (line: string) => readCommandLine(line.split(' ').filter((word) => word !== ''))

describe('the command line', () => {
  test.each([
    ['migrate', { kind: 'plain', name: 'migrate' }],
    ['keys generate', { kind: 'keys-generate' }],
    ['keys rotate', { kind: 'plain', name: 'keys-rotate' }],
    ['keys retire', { kind: 'plain', name: 'keys-retire' }],
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
    'admin',
    'admin create',
    'admin create --email ada@acme.org',
    'admin create --username ada',
    'admin create --email= --username=ada',
    'admin create --email ada@acme.org --username',
    'admin create --email ada@acme.org --username ada --password x',
    'migrate --email ada@acme.org',
    '--port 3000',
  ])('refuses "%s" in one sentence', (line) => {
    const order = read(line)
    expect(order.ok ? order.value : order.refusal).toMatch(/^[^\n]+\.$/)
  })

  test('takes no password among its words', () => {
    expect(USAGE.join('\n')).not.toContain('--password')
  })
})
