import { describe, expect, test } from 'bun:test'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../../scripts/repository.ts'
import type { Report } from '../load/run/run-k6.ts'
import { reportText } from '../load/run/run-k6.ts'

const FOLDER = join(ROOT, 'tests/load/reports')
const JSON_WEB_TOKEN = /eyJ[\w-]{10,}\.[\w-]{10,}\.[\w-]{10,}/
const reports = readdirSync(FOLDER).filter((name) => name.endsWith('.json'))

const report: Report = {
  suite: 'events',
  passed: true,
  metrics: {},
  k6: 'k6 v1.8.1',
  settings: {},
  missed: [],
  conditions: { date: '', commit: '', machine: '', loadBefore: 0, versions: {} },
  overload: null,
  bareMachine: { hashesPerSecond: 265, changesPerSecond: 2000, commitsPerSecond: 5000 },
}

describe('a report of load', () => {
  test('begins with what the bare machine could do, and ends with the metrics', () => {
    const page = JSON.parse(reportText(report))
    const names = Object.keys(page)
    expect(names.slice(0, 3)).toEqual(['suite', 'bareMachine', 'overload'])
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
        suite: name.replace('.json', ''),
        passed: expect.any(Boolean),
        conditions: { date: expect.any(String), machine: expect.any(String) },
        metrics: { http_req_failed: expect.any(Object) },
      })
      expect(text).not.toMatch(JSON_WEB_TOKEN)
      expect(text).not.toContain(ROOT)
    })
})
