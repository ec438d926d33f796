import { writeFile } from 'node:fs/promises'
import { readSetting } from '../../../bench/setting.ts'
import { reportPath } from './run-k6.ts'

export type Report = {
  readonly suite: string
  readonly passed: boolean
  readonly settings: Readonly<Record<string, string>>
  readonly k6: string
  /** What k6 cannot see and was not held. */
  readonly missed: readonly string[]
  readonly metrics: unknown
} & Readonly<Record<string, unknown>>

/** Puts what a reader has to know to judge the figures before them. */
export const writeReport = async (report: Report): Promise<void> => {
  const { metrics, ...told } = report
  const page = { ...told, setting: readSetting(), metrics }
  await writeFile(reportPath(report.suite, 'json'), `${JSON.stringify(page, null, 2)}\n`)
}
