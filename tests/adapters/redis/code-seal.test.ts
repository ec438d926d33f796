import { describe, expect, test } from 'bun:test'
import { createDecipheriv } from 'node:crypto'
import { codeSeal } from '../../../src/adapters/redis/code-seal.ts'

const NONCE_BYTES = 12
const TAG_BYTES = 16

describe('what is stored about a code', () => {
  test('opens with the code, and with no other', () => {
    const sealed = codeSeal('a code').seal('a grant, 名前')
    expect(codeSeal('a code').open(sealed)).toBe('a grant, 名前')
    expect(() => codeSeal('another').open(sealed)).toThrow()
  })

  test('does not open once a single byte of it was changed', () => {
    const { seal, open } = codeSeal('a code')
    const bytes = Buffer.from(seal('a grant'), 'base64url')
    for (let place = 0; place < bytes.length; place += 1) {
      const changed = Buffer.from(bytes)
      changed[place] = (changed[place] ?? 0) ^ 1
      expect(() => open(changed.toString('base64url'))).toThrow()
    }
  })

  test('is different each time, because no nonce is used twice', () => {
    const { seal } = codeSeal('a code')
    const nonces = Array.from({ length: 100 }, () =>
      Buffer.from(seal('a grant'), 'base64url').subarray(0, NONCE_BYTES).toString('hex'),
    )
    expect(new Set(nonces).size).toBe(100)
  })

  // The name and the MAC of the state can be read by whoever reads the store.
  test('does not open with what is stored in the clear [SE12]', () => {
    const { name, macOfState, seal } = codeSeal('a code')
    const bytes = Buffer.from(seal('a grant'), 'base64url')
    const inTheClear = [name, macOfState(''), macOfState('a state')]
    expect(new Set(inTheClear).size).toBe(3)
    for (const text of inTheClear) {
      const nonce = bytes.subarray(0, NONCE_BYTES)
      const decipher = createDecipheriv('aes-256-gcm', Buffer.from(text, 'base64url'), nonce)
      decipher.setAuthTag(bytes.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES))
      decipher.update(bytes.subarray(NONCE_BYTES + TAG_BYTES))
      expect(() => decipher.final()).toThrow()
    }
  })

  test('names each code and each state of it differently, and always in the same way', () => {
    const codes = ['a code', 'another'].map(codeSeal)
    const texts = codes.flatMap(({ name, macOfState }) => [name, macOfState('a'), macOfState('b')])
    expect(new Set(texts).size).toBe(6)
    expect(codeSeal('a code').name).toBe(codes[0]?.name ?? '')
    expect(codeSeal('a code').macOfState('a')).toBe(codes[0]?.macOfState('a') ?? '')
  })
})
