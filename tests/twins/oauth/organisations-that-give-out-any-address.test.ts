import { expect, test } from 'bun:test'
import { FOREIGN_DOMAINS, proofBy } from '../../support/builders/oauth/google-domains.ts'
import { plantedFault } from '../../support/builders/repository/planted-fault.ts'

type Google = typeof import('../../../src/adapters/oauth/google.ts')

/** The foreign domains for whose addresses Google counts as the authority, and what it is for its own. */
const believed = async (right?: string, wrong?: string) => {
  const { google } = await plantedFault<Google>('src/adapters/oauth/google.ts', right, wrong)
  const foreign: string[] = []
  for (const [domain, hd] of FOREIGN_DOMAINS)
    if ((await proofBy(google, domain, hd)) === 'authoritative')
      foreign.push(`${domain} ${JSON.stringify(hd)}`)
  const own = await proofBy(google, 'company.example', 'company.example')
  return { foreign, own }
}

test('the provider as it is gives out the addresses of its own domain only', async () => {
  expect(await believed()).toEqual({ foreign: [], own: 'authoritative' })
})

const OWN = 'domain === organisationDomain(hd)'

test.each([
  ['any organisation', 'hd !== undefined', 'elsewhere.example "company.example"'],
  [
    'the end of a domain',
    "domain.endsWith(organisationDomain(hd) ?? ' ')",
    'notcompany.example "company.example"',
  ],
  ['what is no text', 'domain === String(hd)', 'company.example ["company.example"]'],
])('a provider that believes %s is caught', async (_, wrong, pair) => {
  expect((await believed(OWN, wrong)).foreign).toContain(pair)
})

test('a provider that believes the end of gmail.com is caught', async () => {
  const { foreign } = await believed("domain === 'gmail.com'", "domain.endsWith('gmail.com')")
  expect(foreign).toContain('notgmail.com ""')
})
