import { describe, expect, test } from 'bun:test'
import { ReplyError } from 'ioredis'
import { faultOf, reasonOf } from '../../../src/adapters/redis/faults.ts'
import { Unavailable } from '../../../src/domain/shared/unavailable.ts'

const reply = (message: string) => Object.assign(new ReplyError(message), { message })
const withCode = (code: string) => Object.assign(new Error('a message'), { code })

describe('a fault of Redis', () => {
  test.each<[string, Error]>([
    ['READONLY', reply("READONLY You can't write against a read only replica.")],
    ['OOM', reply('OOM command not allowed')],
    ['EXECABORT', reply('EXECABORT Transaction discarded because of: OOM')],
    ['NOPERM', reply('NOPERM this user has no permissions')],
    ['no answer', new Error('Command timed out')],
    ['ECONNREFUSED', withCode('ECONNREFUSED')],
    ['Connection is closed.', new Error('Connection is closed.')],
  ])('that may pass by itself is unavailable, in a word: %s', (reason, error) => {
    expect(faultOf(error)).toBeInstanceOf(Unavailable)
    expect(reasonOf(error)).toBe(reason)
  })

  test.each([
    'READONLY',
    'OOM',
    'LOADING',
    'MASTERDOWN',
    'MISCONF',
    'NOREPLICAS',
    'BUSY',
    'CLUSTERDOWN',
    'TRYAGAIN',
    'NOAUTH',
    'WRONGPASS',
    'NOPERM',
    'EXECABORT',
  ])('that the server calls %s may pass by itself', (word) => {
    expect(faultOf(reply(`${word} a sentence`))).toEqual(
      new Unavailable('redis is not available', 1, { cause: new Error(word) }),
    )
  })

  test.each(['WRONGTYPE', 'ERR', 'NOSCRIPT'])('that the server calls %s stays', (word) => {
    expect(faultOf(reply(`${word} of the command`))).not.toBeInstanceOf(Unavailable)
  })

  test('that is about the command itself is a fault of ours, without the command and its values', () => {
    const refused = Object.assign(reply('WRONGTYPE Operation against a key'), {
      command: { name: 'set', args: ['a secret'] },
    })
    const fault = faultOf(refused)
    expect(fault).toBeInstanceOf(Error)
    expect(fault).not.toBeInstanceOf(Unavailable)
    expect(fault).toEqual(new Error('redis refused a command', { cause: new Error('WRONGTYPE') }))
    expect(JSON.stringify(fault, Object.getOwnPropertyNames(fault))).not.toContain('a secret')
    expect(reasonOf(refused)).toBe('WRONGTYPE')
  })

  test('that is a defect of the program is passed on', () => {
    const defect = new TypeError('a defect')
    expect(faultOf(defect)).toBe(defect)
    expect(faultOf('text')).toBe('text')
    expect(reasonOf('text')).toBe('unknown')
  })
})
