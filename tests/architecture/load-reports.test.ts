import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import type { Report } from '../load/run/run-k6.ts'
import { reportText } from '../load/run/run-k6.ts'
import { SUITES } from '../load/run/suites.ts'

const FOLDER = join(ROOT, 'tests/load/reports')
const JSON_WEB_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/
const reports = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

/** The suite whose name a report begins with. What is not the suite's default follows. */
const suiteOf = (file: string): string | undefined =>
  SUITES.find((suite) =>
    /^(-\d+-(users|per-second|seconds))*\.json$/.test(file.replace(suite.name, '')),
  )?.name

const report: Report = {
  suite: 'events',
  passed: true,
  metrics: {},
  k6: 'k6 v1.8.1',
  settings: {},
  missed: [],
  conditions: { date: '', commit: '', machine: '', loadBefore: 0, versions: {} },
  overload: null,
  load: { rate: 1000, seconds: 60, warmUpSeconds: 20, users: 200 },
  bareMachine: { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 },
}

describe('a report of load', () => {
  test('begins with what the bare machine could do and what was asked for, and ends with the metrics', () => {
    const page = JSON.parse(reportText(report))
    const names = Object.keys(page)
    expect(names.slice(0, 4)).toEqual(['suite', 'bareMachine', 'overload', 'load'])
    expect(names.at(-1)).toBe('metrics')
    expect(page).toEqual(report)
  })
})

describe('the reports of load', () => {
  test('are there', () => {
    expect(reports).toContain('events.json')
    expect(reports).toContain('registrations.json')
  })

  for (const name of reports)
    test(`${name} says what was measured on which machine, and holds nobody's token`, () => {
      const text = readFileSync(join(FOLDER, name), 'utf8')
      expect(JSON.parse(text)).toMatchObject({
        suite: suiteOf(name),
        passed: expect.any(Boolean),
        conditions: { date: expect.any(String), machine: expect.any(String) },
        metrics: { http_req_failed: expect.any(Object) },
      })
      expect(text).not.toMatch(JSON_WEB_TOKEN)
      expect(text).not.toContain(ROOT)
    })
})
