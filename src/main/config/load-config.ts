import { readFileSync } from 'node:fs'
import process from 'node:process'
import type { Refusal } from '../../domain/operations/exit-codes.ts'
import { EXIT } from '../../domain/operations/exit-codes.ts'
import type { Result } from '../../domain/shared/result.ts'
import { fail, ok } from '../../domain/shared/result.ts'
import type { Config } from './config.ts'
import { readConfig } from './config.ts'
import type { Environment, ReadFile } from './setting.ts'

// This is the only file of the service that reads the environment.

/** Reads from the environment and the files of this process. */
export const readEnvironment = <T>(read: (environment: Environment, readFile: ReadFile) => T): T =>
  read(process.env, readTextFile)

/** The configuration of this process; `overrides` stand before the environment. */
export const loadConfig = (overrides: Environment = {}): Result<Config, Refusal> => {
  const reading = readConfig({ ...process.env, ...overrides }, readTextFile)
  return 'config' in reading ? ok(reading.config) : fail(refuseProblems(reading.problems))
}

const readTextFile: ReadFile = (path) => readFileSync(path, 'utf8')

export const refuseProblems = (problems: readonly string[]): Refusal => ({
  exitCode: EXIT.configuration,
  lines: [
    `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:`,
    ...problems.map((problem) => `  ${problem}`),
  ],
})
