import { describe, expect, test } from 'bun:test'
import { COMMON_PASSWORDS } from '../../../src/adapters/passwords/common-passwords.generated.ts'
import { makePasswordBlocklist } from '../../../src/adapters/passwords/password-blocklist.ts'
import { parsePassword } from '../../../src/domain/passwords/password.ts'

const blocklist = makePasswordBlocklist()
const has = (text: string): boolean => {
  const password = parsePassword(text)
  if (password === null) throw new Error('not a password')
  return blocklist.has(password)
}
const listed = COMMON_PASSWORDS.trim().split('\n')

describe('the list of common passwords', () => {
  test('it holds the 3 000 most common of twelve characters and 10 000 of eight [PW3]', () => {
    expect(listed.filter((password) => password.length >= 12).length).toBeGreaterThanOrEqual(10_000)
    expect(listed.length).toBeGreaterThanOrEqual(19_000)
    expect(new Set(listed).size).toBe(listed.length)
  })

  test('a common password is listed in any case [PW3]', () => {
    for (const text of ['password', 'PassWord', '12345678', 'qwertyqwerty', '1QAZ2wsx3edc'])
      expect({ text, listed: has(text) }).toEqual({ text, listed: true })
  })

  test('an uncommon password is not listed', () => {
    for (const text of ['', ' ', '\n', 'correct horse battery staple', 'constructor!', 'ตั้งรหัสผ่าน'])
      expect({ text, listed: has(text) }).toEqual({ text, listed: false })
  })

  test('each entry has the form that is compared: lower case, printable, eight characters or more', () => {
    expect(
      listed.filter((entry) => !/^[!-~]{8,}$/.test(entry) || entry !== entry.toLowerCase()),
    ).toEqual([])
  })
})
