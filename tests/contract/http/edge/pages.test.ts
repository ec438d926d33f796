import { describe, expect, test } from 'bun:test'
import { createHash } from 'node:crypto'
import { PROBLEMS } from '../../../../src/adapters/http/problems/problems.ts'
import { givenApi } from '../given-api.ts'

const HTML = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' }

/** The pages that people meet: by address, and with the status that each has. */
const PAGES = [
  ['/', 200],
  ['/problems', 200],
  ['/problems/weak-password', 200],
  ['/problems/no-such-code', 404],
  ['/v1/auth/oauth/google/callback?state=unknown', 400],
  ['/v1/auth/oauth/continue/gone', 400],
  ['/v1/auth/oauth/google?state=s', 400],
] as const

describe.each(PAGES)('the page at %s', (path, status) => {
  const read = async () => {
    const response = await givenApi().send(path, { headers: HTML })
    return { response, html: await response.text() }
  }

  test('is a readable page in the look of the service, with no script', async () => {
    const { response, html } = await read()
    expect([response.status, response.headers.get('content-type')]).toEqual([
      status,
      'text/html; charset=utf-8',
    ])
    expect(html).toStartWith('<!doctype html>\n<html lang="en">')
    expect(html).toContain('<meta name="viewport" content="width=device-width, initial-scale=1">')
    expect(html).toMatch(/<title>[^<]+ · Authentication service<\/title>/)
    expect(html).toContain('color-scheme: light dark')
    expect(html.match(/<h1>/g)).toHaveLength(1)
    expect(html).not.toMatch(/<script|javascript:|style="/)
  })

  test('may use its own styles and nothing else', async () => {
    const { response, html } = await read()
    const [, styles = ''] = /<style>([\s\S]*?)<\/style>/.exec(html) ?? []
    const digest = createHash('sha256').update(styles).digest('base64')
    expect(response.headers.get('content-security-policy')).toBe(
      `default-src 'none'; style-src 'sha256-${digest}'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    )
  })
})

test('the first page leads to the documents that exist, and only there', async () => {
  const linksOf = async (docs: boolean) => {
    const { send } = givenApi({ settings: { docs } })
    const html = await (await send('/', { headers: HTML })).text()
    const links = [...html.matchAll(/<a href="([^"]+)"/g)].map(([, link]) => link ?? '')
    for (const link of links) expect([link, (await send(link)).status]).toEqual([link, 200])
    return links
  }
  expect(await linksOf(true)).toEqual(
    expect.arrayContaining(['/docs', '/openapi.json', '/problems']),
  )
  expect(await linksOf(false)).not.toContain('/docs')
})

test('the list of problems leads to the page of each', async () => {
  const html = await (await givenApi().send('/problems')).text()
  for (const code of Object.keys(PROBLEMS)) expect(html).toContain(`<a href="/problems/${code}">`)
})

test('a program that asks for no page gets a problem for an unknown code', async () => {
  const response = await givenApi().send('/problems/no-such-code')
  expect(response.headers.get('content-type')).toBe('application/problem+json')
})
