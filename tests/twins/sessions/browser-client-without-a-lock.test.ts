import { expect, test } from 'bun:test'
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ROOT } from '../../../scripts/repository.ts'
import { givenTabs, refreshesIn, usualService } from '../../support/builders/sessions/given-tabs.ts'
import { temporaryFolder } from '../../support/processes/test-run/temporary-folder.ts'

/** The client's source with one change. Throws when the text to change is not there. */
const twin = async (right: string, wrong: string) => {
  const source = await readFile(join(ROOT, 'examples/web/auth-client.js'), 'utf8')
  if (!source.includes(right)) throw new Error(`the client does not say ${right}`)
  const path = join(temporaryFolder(), `client-${Bun.hash(wrong)}.js`)
  await writeFile(path, source.replace(right, wrong))
  return givenTabs((await import(path)).makeAuthClient)
}

test('a client that does not wait for its own refresh is caught by one that fails', async () => {
  const tabs = await twin('refreshing ??=', 'refreshing =')
  tabs.reply = usualService(0)
  const { client } = tabs.open()
  await client.signIn('ada', 'secret')
  tabs.reply = () => ({ status: 503 })
  await Promise.allSettled([1, 2, 3].map(() => client.call('GET', '/v1/users/me')))
  expect(refreshesIn(tabs)).toBe(3)
})

test('a client that refreshes although another tab has just refreshed is caught by counting refreshes', async () => {
  const tabs = await twin('if (access === stale) keep', 'keep')
  tabs.reply = usualService(0)
  const both = [tabs.open(), tabs.open()]
  await both[0]?.client.signIn('ada', 'secret')
  await Promise.all(both.map(({ client }) => client.call('GET', '/v1/users/me')))
  expect(refreshesIn(tabs)).toBe(2)
})

test('a client that does not compare the state is caught by a redirect that somebody else started', async () => {
  const tabs = await twin("if (flow.state !== state) throw refusal('not-begun-here')", '')
  tabs.reply = usualService()
  await tabs.open('?code=c1&state=of-somebody-else').client.finish()
  expect(tabs.asked).toHaveLength(1)
})
