import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { startPreparedService } from '../../support/processes/service/prepared-data.ts'
import type { Service } from '../../support/processes/service/start-service.ts'
import { axeFindings } from '../../support/servers/browser/axe.ts'
import type { Profile } from '../../support/servers/browser/given-browser.ts'
import { givenProfile } from '../../support/servers/browser/given-browser.ts'

setDefaultTimeout(120_000)

let service: Service
let profile: Profile
beforeAll(async () => {
  service = await startPreparedService({ environment: { DEMO: 'false' } })
})
afterAll(() => service.stop())
beforeEach(async () => {
  profile = await givenProfile()
})

const SCHEMES = ['light', 'dark'] as const

test.each(SCHEMES)('axe finds nothing on the pages for people: %s', async (colorScheme) => {
  const page = await profile.newPage()
  await page.emulateMedia({ colorScheme })
  for (const path of [
    '/',
    '/problems',
    '/problems/weak-password',
    '/problems/none',
    '/v1/auth/oauth/google/callback?state=none',
  ]) {
    await page.goto(`${service.url}${path}`)
    expect([path, await page.getByRole('heading').count()]).toEqual([path, 1])
    expect([path, await axeFindings(page)]).toEqual([path, []])
  }
  expect(profile.complaints()).toEqual([])
})

test.each(SCHEMES)(
  '/docs has no fault of contrast and no field without a name: %s',
  async (colorScheme) => {
    const page = await profile.newPage()
    const elsewhere: string[] = []
    page.on('request', (request) => {
      if (!/^(?:data:|blob:)/.test(request.url()) && !request.url().startsWith(service.url))
        elsewhere.push(request.url())
    })
    page.setDefaultTimeout(60_000)
    await page.emulateMedia({ colorScheme })
    await page.goto(`${service.url}/docs`)
    const register = page.locator('#operations-Accounts-registerUser')
    await register.waitFor()
    const faults = async () =>
      (await axeFindings(page)).filter((finding) =>
        /^(?:color-contrast|label|select-name):/.test(finding),
      )
    expect(await faults()).toEqual([])
    for (const operation of [register, page.locator('#operations-Administration-changeSyncMode')]) {
      await operation.getByRole('button').first().click()
      await operation.getByRole('button', { name: 'Try it out' }).click()
      await operation.getByRole('button', { name: 'Execute' }).waitFor()
    }
    expect(await faults()).toEqual([])
    await register.getByRole('button', { name: 'Execute' }).click()
    const status = register.locator('.live-responses-table td.response-col_status:not(.col_header)')
    await status.waitFor()
    expect(await status.textContent()).toContain('201')
    expect(await faults()).toEqual([])
    expect([elsewhere, profile.complaints()]).toEqual([[], []])
  },
)
