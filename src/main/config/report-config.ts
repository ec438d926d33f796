import { backendOf } from './backend-config.ts'
import type { Environment, Problem, ReadFile } from './read-settings.ts'
import { readSetting } from './read-settings.ts'
import { SETTINGS } from './settings.ts'
import { syncChannelOf, syncLimitOf } from './sync-config.ts'

/** What a report needs to know, or the problems with it. Reads nothing else. */
export const readReportConfig = (environment: Environment, readFile: ReadFile) => {
  const problems: string[] = []
  const problem: Problem = (name, complaint) => problems.push(`${name} ${complaint}`)
  const read = <T>(setting: Parameters<typeof readSetting<T>>[0]) =>
    readSetting(setting, environment, readFile, problem)
  const given = {
    backendSyncUrl: read(SETTINGS.backendSyncUrl),
    backendDigestUrl: read(SETTINGS.backendDigestUrl),
    backendSyncSecrets: read(SETTINGS.backendSyncSecrets),
    backendEventSubject: read(SETTINGS.backendEventSubject),
    subjects: read(SETTINGS.subjects),
    syncP95LimitMs: read(SETTINGS.syncP95LimitMs),
  }
  return problems.length > 0
    ? { problems }
    : {
        config: {
          backend: backendOf(given),
          sync: { backendChannel: syncChannelOf(given), p95LimitMs: syncLimitOf(given) },
        },
      }
}
