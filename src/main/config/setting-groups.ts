import { LIMITS } from './limit-settings.ts'
import { PROVIDERS, settingsOf } from './provider-settings.ts'
import type { Setting } from './setting.ts'
import type { SettingKey } from './settings.ts'
import { SETTINGS } from './settings.ts'

export type SettingGroup = readonly Setting<unknown>[]

/** These belong to the one before them, and share its row where the documents show them. */
const CONTINUED: readonly SettingKey[] = [
  ...(['port', 'managementPort', 'natsPassword', 'natsCredentials'] as const),
  ...(['jwtAudience', 'refreshIdleSeconds', 'refreshAbsoluteSeconds'] as const),
  ...(['eventSyncPercent', 'dualWriteEnabled', 'syncP95LimitMs'] as const),
]

/** As the documents show them: limits beside what switches them off, providers beside where they return to. */
const groups = (): readonly SettingGroup[] => {
  const found: Setting<unknown>[][] = []
  for (const [key, setting] of Object.entries(SETTINGS)) {
    if (CONTINUED.some((continued) => continued === key)) found.at(-1)?.push(setting)
    else found.push([setting])
    if (setting === SETTINGS.rateLimits) found.push(Object.values(LIMITS))
    if (setting === SETTINGS.redirectUris) found.push(...PROVIDERS.map(settingsOf))
  }
  return found
}

export const SETTING_GROUPS = groups()

/** Everything that can be set. */
export const ALL_SETTINGS: SettingGroup = SETTING_GROUPS.flat()
