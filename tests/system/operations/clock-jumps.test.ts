import { afterEach, expect, setDefaultTimeout, setSystemTime, test } from 'bun:test'
import { PASSWORD } from '../../support/builders/accounts/given-users.ts'
import { composedService, jsonInit } from '../../support/builders/service/composed-service.ts'
import { eventually } from '../../support/processes/timing/eventually.ts'

setDefaultTimeout(60_000)

const DAY_MILLISECONDS = 86_400_000

const jump = (days: number) => setSystemTime(new Date(Date.now() + days * DAY_MILLISECONDS))

afterEach(() => {
  setSystemTime()
})

// The embedded database takes its time from this process, so its clock jumps too.
test.each([-3, 13])(
  'a clock that jumps by %d days, and back, refuses no change and loses no event [PR3]',
  async (days) => {
    const service = await composedService({ DEMO: 'false' })
    const { id, email } = await service.register('traveller')
    const change = async (displayName: string) => {
      const login = await service.ask(
        '/v1/auth/login',
        jsonInit('POST', { identifier: email, password: PASSWORD }),
      )
      const { tokens } = JSON.parse(await login.text())
      const init = jsonInit('PATCH', { displayName }, tokens.accessToken)
      return (await service.ask('/v1/users/me', init)).status
    }
    const uptimeSeconds = async () =>
      JSON.parse(await (await service.ask('/health')).text()).uptimeSeconds

    expect(await change('Before')).toBe(200)
    jump(days)
    expect(await change('Meanwhile')).toBe(200)
    expect(await uptimeSeconds()).toBeGreaterThanOrEqual(0)
    expect(await uptimeSeconds()).toBeLessThan(60)
    setSystemTime()
    expect(await change('After')).toBe(200)
    expect(await uptimeSeconds()).toBeGreaterThanOrEqual(0)

    const { rows } = await service.database.query<{ version: number }>(
      'select version::integer as version from outbox_events where user_id = $1 order by version',
      [id],
    )
    expect(rows.map(({ version }) => version)).toEqual([1, 2, 3, 4])
    await eventually('every event is delivered', 20, async () => {
      const owed = await service.database.query('select from outbox_deliveries')
      expect(owed.rows).toHaveLength(0)
    })
    await service.end()
  },
)
