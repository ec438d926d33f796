import { describe, expect, test } from 'bun:test'
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { ROOT } from '../../scripts/repository.ts'
import { findPromtool } from '../support/servers/provide/install-programs.ts'

const read = (path: string): Promise<string> => Bun.file(join(ROOT, path)).text()
const alerts = await read('ops/alerts.yml')
const dashboard = await read('ops/dashboard.json')
const metricsPage = await read('docs/metrics.md')

const documented = new Set(
  [...metricsPage.matchAll(/^\| `(auth_\w+)` \| (\w+)/gm)].flatMap(namesOf),
)
/** A histogram shows itself as three. */
function namesOf([, name = '', type]: RegExpExecArray | readonly string[]): string[] {
  return type === 'histogram' ? ['bucket', 'count', 'sum'].map((end) => `${name}_${end}`) : [name]
}

/** As GitHub makes them. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\w\s-]/g, '')
    .trim()
    .replaceAll(/\s/g, '-')

const runbook = await read('docs/runbook.md')

/** Each heading with the text below it. A shell comment in a block of code is no heading. */
const runbookSections = runbook
  .replaceAll(/^```[\s\S]*?^```/gm, '')
  .split(/^(?=#+ )/m)
  .map((text) => ({ text, anchor: anchorOf(/^#+ (.+)/.exec(text)?.[1] ?? '') }))

/** The alarms that a section says it is about, in its first line: "Alarms: `A` and `B`". */
const alarmsOf = ({ text }: { readonly text: string }): readonly string[] => {
  const [, named = ''] = /^#+ .+\n+Alarms?:? (.+)/.exec(text) ?? []
  return named.match(/\bAuth[A-Z]\w+/g) ?? []
}

describe('the alarms', () => {
  test('are accepted by Prometheus', async () => {
    const { stdout } = await promisify(execFile)(await findPromtool(), [
      ...['check', 'rules', '--lint=all', '--lint-fatal', join(ROOT, 'ops/alerts.yml')],
    ])
    expect(stdout).toContain('SUCCESS')
  }, 240_000)

  test('are about metrics that exist', () => {
    const used = new Set([...alerts.matchAll(/\bauth_\w+/g)].map(([name]) => name))
    expect([...used].filter((name) => !documented.has(name))).toEqual([])
    expect(used.size).toBeGreaterThan(10)
  })

  test('each lead to exactly one section of the runbook, which is about that alarm', () => {
    const alarms = [...alerts.matchAll(/- alert: (\w+)[\s\S]*?runbook: docs\/runbook\.md#(\S+)/g)]
    const faults = alarms.flatMap(([, name = '', anchor = '']) => {
      const sections = runbookSections.filter((section) => section.anchor === anchor)
      if (sections.length !== 1) return [`${name}: ${sections.length} headings #${anchor}`]
      const about = runbookSections.filter((section) => alarmsOf(section).includes(name))
      const told = about.map((section) => section.anchor)
      return told.join() === anchor ? [] : [`${name}: told of at ${told.join() || 'no heading'}`]
    })
    expect(faults).toEqual([])
    expect(alarms).toHaveLength(alerts.match(/- alert: /g)?.length ?? 0)
    expect(alarms.length).toBeGreaterThan(10)
  })
})

describe('the runbook', () => {
  test('has each heading once', () => {
    const anchors = runbookSections.map(({ anchor }) => anchor)
    expect(anchors.filter((anchor, place) => anchors.indexOf(anchor) !== place)).toEqual([])
    expect(anchors.length).toBeGreaterThan(20)
  })

  test('leads to headings that it has', () => {
    const links = [...runbook.matchAll(/\]\(#([^)]+)\)/g)].map(([, anchor = '']) => anchor)
    const anchors = runbookSections.map(({ anchor }) => anchor)
    expect(links.filter((anchor) => !anchors.includes(anchor))).toEqual([])
    expect(links.length).toBeGreaterThan(10)
  })

  test('names only alarms that exist', () => {
    const named = runbookSections.flatMap(alarmsOf)
    expect(named.filter((name) => !alerts.includes(`- alert: ${name}\n`))).toEqual([])
  })
})

test('the dashboard shows metrics that exist', () => {
  const used = new Set([...dashboard.matchAll(/\bauth_\w+/g)].map(([name]) => name))
  expect([...used].filter((name) => !documented.has(name))).toEqual([])
  expect(used.size).toBeGreaterThan(10)
  expect(JSON.parse(dashboard)).toMatchObject({ uid: 'auth-service', panels: expect.any(Array) })
})
