import { afterAll, describe, expect, spyOn, test } from 'bun:test'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { chooseLevels, limitOf, readArguments, runLevel } from '../../scripts/tests/test-levels.ts'
import { runningFilesIn } from '../../scripts/tests/test-summary.ts'
import { isAlive } from '../support/processes/native/process-tree.ts'
import {
  removeTemporaryFolders,
  temporaryFolder,
} from '../support/processes/test-run/temporary-folder.ts'
import { eventually } from '../support/processes/timing/eventually.ts'

afterAll(removeTemporaryFolders)

describe('the arguments of the test command', () => {
  test('name levels, test files and folders', () => {
    expect(chooseLevels(['tests/system/demo.test.ts', './tests/unit/oauth'])).toEqual([
      'unit',
      'system',
    ])
    expect(() => chooseLevels(['tests/sytem/demo.test.ts'])).toThrow('no such level')
  })

  test('select the long form and another limit for each level', () => {
    const short = readArguments(['unit'])
    expect(short).toEqual({ names: ['unit'], isLong: false, limitSeconds: null })
    const long = readArguments(['--long'])
    expect(limitOf('timing', long)).toBeGreaterThan(limitOf('timing', short))
    expect(limitOf('timing', readArguments(['--long', '--limit=7']))).toBe(7)
  })

  test.each(['--limit', '--limit=0', '--limit=x', '--lnog', '-l'])('cannot be %s', (argument) => {
    expect(() => readArguments([argument])).toThrow(argument)
  })
})

/** A checkout with one test file in one level. */
const givenCheckout = (source: string): string => {
  const root = temporaryFolder()
  mkdirSync(join(root, 'tests/unit'), { recursive: true })
  writeFileSync(join(root, 'tests/unit/planted.test.ts'), source)
  return root
}

describe('a level', () => {
  const HANGING = `
    import { test } from 'bun:test'
    test('comes to an end', () => {})
    test('hangs', async () => {
      const child = Bun.spawn(['sleep', '600'])
      await Bun.write('child', String(child.pid))
      await Bun.sleep(600_000)
    }, 600_000)`

  test('that takes longer than its limit is stopped with all its processes, and counts as failed', async () => {
    const root = givenCheckout(HANGING)
    const said = spyOn(console, 'error').mockImplementation(() => {})
    const { passed, failed, failures, seconds } = await runLevel({
      level: 'unit',
      environment: {},
      withCoverage: false,
      limitSeconds: 3,
      root,
    })
    said.mockRestore()
    expect({ passed, failed }).toEqual({ passed: 0, failed: 1 })
    expect(failures.at(-1)).toContain('The level unit was ended')
    expect(failures.at(-1)).toContain('its limit of 3 s')
    expect(seconds).toBeLessThan(60)
    const child = Number(readFileSync(join(root, 'child'), 'utf8'))
    await eventually('the end of its process', 5, () => expect(isAlive(child)).toBe(false))
  })

  test('that ends in time has its tests counted', async () => {
    // What it prints is also read by the run that this test belongs to, so nothing is planted that fails.
    const root = givenCheckout(`import { test } from 'bun:test'; test('a fact', () => {})`)
    expect(
      await runLevel({
        level: 'unit',
        environment: {},
        withCoverage: false,
        limitSeconds: 60,
        root,
      }),
    ).toMatchObject({ passed: 1, failed: 0, failures: [] })
  })

  test('is refused when a selected file does not exist', async () => {
    const root = givenCheckout('')
    const names = ['tests/unit/planed.test.ts']
    const run = { level: 'unit', names, environment: {}, withCoverage: false, root } as const
    await expect(runLevel({ ...run, limitSeconds: 60 })).rejects.toThrow('planed.test.ts')
  })

  test('that was stopped names the files that were running', () => {
    const named = ['Interrupted while still running:', '  tests/a.test.ts (2s)', '1 file(s) left:']
    expect(runningFilesIn(['(pass) a fact', ...named, '  b'].join('\n'))).toEqual([
      'tests/a.test.ts (2s)',
    ])
    expect(runningFilesIn('(pass) a fact\n')).toEqual([])
  })
})
