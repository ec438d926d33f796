import { describe, expect, setDefaultTimeout, spyOn, test } from 'bun:test'
import { PGlite } from '@electric-sql/pglite'
import { makeOpenings } from '../../../src/main/compose/resources/openings.ts'
import { composeService } from '../../../src/main/compose.ts'
import { readConfig } from '../../../src/main/config/config.ts'
import type { Installation } from '../../../src/main/lifecycle/composition.ts'
import { openInstallation } from '../../../src/main/lifecycle/open-installation.ts'

// Each opens a database.
setDefaultTimeout(60_000)

const installationOf = async (
  variables: Readonly<Record<string, string>>,
): Promise<Installation> => {
  const settings = { NODE_ENV: 'test', DATA_DIR: 'memory:', LOG_LEVEL: 'error', ...variables }
  const reading = readConfig(settings, () => '')
  if ('problems' in reading) throw new Error(reading.problems.join('\n'))
  const opened = await openInstallation(reading.config)
  if (!opened.ok) throw new Error(opened.refusal.lines.join('\n'))
  return opened.value.installation
}

/** Openings that write down their own steps. */
const watchedOpenings = () => {
  const opened: string[] = []
  const closed: string[] = []
  const openings = makeOpenings((step, name) => (step === 'opened' ? opened : closed).push(name))
  return { openings, opened, closed }
}

describe('a composed service', () => {
  test('opens database, Redis, broker and relay, and closes each once in the reverse order', async () => {
    const { openings, opened, closed } = watchedOpenings()
    const composed = await composeService(await installationOf({}), openings)
    if (!composed.ok) throw new Error(composed.refusal.lines.join('\n'))
    await composed.value.migrate()
    composed.value.becomeReady()
    expect(opened).toEqual(['database', 'redis', 'broker', 'relay'])
    expect(closed).toEqual([])
    await Promise.all([composed.value.stop(), composed.value.stop()])
    await composed.value.stop()
    expect(closed).toEqual(opened.toReversed())
  })

  test('that is refused has closed what it had opened', async () => {
    const { openings, opened, closed } = watchedOpenings()
    const installation = await installationOf({ REDIS_URL: 'redis://127.0.0.1:1' })
    const config = { ...installation.config, mode: 'production' } as const
    const composed = await composeService({ ...installation, config }, openings)
    expect(composed).toMatchObject({ ok: false, refusal: { exitCode: 69 } })
    expect(opened).toEqual(['database'])
    expect(closed).toEqual(['database'])
  })

  test('whose disk is full is refused in words', async () => {
    const creating = spyOn(PGlite, 'create').mockRejectedValue({ name: 'ErrnoError', errno: 51 })
    try {
      const composed = await composeService(await installationOf({}), watchedOpenings().openings)
      expect(composed).toEqual({
        ok: false,
        refusal: {
          exitCode: 73,
          lines: [
            'The data directory memory: cannot be written (ENOSPC). The disk is full. Free space on it, or set DATA_DIR to a folder on another disk.',
          ],
        },
      })
    } finally {
      creating.mockRestore()
    }
  })

  test('that a fault breaks has closed what it had opened', async () => {
    const { openings, opened, closed } = watchedOpenings()
    const installation = await installationOf({})
    const broken = composeService({ ...installation, refreshKeys: [] }, openings)
    await expect(broken).rejects.toThrow('key')
    expect(opened.length).toBeGreaterThan(0)
    expect(closed).toEqual(opened.toReversed())
  })
})

describe('openings', () => {
  test('wait for one closing before the next begins', async () => {
    const calls: string[] = []
    const openings = makeOpenings((step, name) => calls.push(`${step} ${name}`))
    openings.add('first', async () => {
      calls.push('closing first')
    })
    openings.add('second', async () => {
      await Promise.resolve()
      calls.push('closing second')
    })
    await openings.closeAll()
    expect(calls).toEqual([
      'opened first',
      'opened second',
      'closing second',
      'closed second',
      'closing first',
      'closed first',
    ])
  })
})
