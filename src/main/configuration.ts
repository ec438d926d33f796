import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Result } from '../domain/shared/result.ts'
import { fail, ok } from '../domain/shared/result.ts'
import type { Environment } from './config/read-settings.ts'
import type { Config } from './config.ts'
import { readConfig } from './config.ts'
import type { Refusal } from './exit-codes.ts'
import { EXIT } from './exit-codes.ts'

/** The configuration of this process; `overrides` stand before the environment. */
export const loadConfig = (overrides: Environment = {}): Result<Config, Refusal> => {
  const reading = readConfig({ ...process.env, ...overrides }, readTextFile)
  return 'config' in reading ? ok(reading.config) : fail(refuseProblems(reading.problems))
}

export const readTextFile = (path: string): string => readFileSync(path, 'utf8')

export const refuseProblems = (problems: readonly string[]): Refusal => ({
  exitCode: EXIT.configuration,
  lines: [
    `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
    ...problems.map((problem) => `  ${problem}`),
  ],
})
