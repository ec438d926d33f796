import { expect, test } from 'bun:test'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Cookies = typeof import('../../../src/adapters/http/oauth/oauth-cookie.ts')

const PATH = 'src/adapters/http/oauth/oauth-cookie.ts'
const STATES = ['a', 'b', 'c', 'd', 'e', 'f', 'g'].map((letter) => letter.repeat(43))

/** A browser that begins these sign-ins, two at the same moment, and which secrets it can still show. */
const shownBy = async (right?: string, wrong?: string) => {
  const { makeOAuthCookie } = await plantedFault<Cookies>(PATH, right, wrong)
  const cookie = makeOAuthCookie('https://auth.example.com')
  const jar = new Map<string, string>()
  const request = () => {
    const sent = [...jar].map(([name, value]) => `${name}=${value}`).join('; ')
    return new Request('https://auth.example.com', { headers: { cookie: sent } })
  }
  const keep = (headers: readonly string[]) => {
    for (const header of headers) {
      const [name = '', value = ''] = header.split(';')[0]?.split('=') ?? []
      if (header.includes('Max-Age=0')) jar.delete(name)
      else jar.set(name, value)
    }
  }
  const [first = '', second = '', ...later] = STATES
  const together = [first, second].map((state) => cookie.begin(request(), state, state))
  for (const headers of together) keep(headers)
  const finishTogether = [first, second].every((state) => cookie.read(request(), state) === state)
  for (const state of later) keep(cookie.begin(request(), state, state))
  return { finishTogether, kept: jar.size }
}

test('the cookies as they are serve two sign-ins at once, and stay few', async () => {
  expect(await shownBy()).toEqual({ finishTogether: true, kept: 5 })
})

test('one cookie for all sign-ins is caught by two that begin at once', async () => {
  const { finishTogether } = await shownBy('state.slice(0, NAME_LENGTH)', "'x'.repeat(NAME_LENGTH)")
  expect(finishTogether).toBe(false)
})

test('cookies without end are caught by the seventh sign-in', async () => {
  const { kept } = await shownBy('underWay.slice(0, Math.max(0,', '[].slice(0, Math.max(0,')
  expect(kept).toBe(7)
})
