import type { Setting } from './setting.ts'
import type { SettingGroup } from './setting-groups.ts'
import { SETTING_GROUPS } from './setting-groups.ts'

/** Every variable as a Markdown table: what the README shows. Those of one thing share a row. */
export const settingsTable = (): string =>
  ['| variable | default | meaning |', '|---|---|---|', ...SETTING_GROUPS.map(row)].join('\n')

const row = (group: SettingGroup): string =>
  `| ${[
    group.map(names).join(', '),
    joined(
      group.map(({ shownDefault }) => shownDefault),
      ', ',
    ),
    joined(
      group.map(({ meaning }) => meaning),
      '; ',
    ),
  ].join(' | ')} |`

const names = ({ name, secret }: Setting<unknown>): string =>
  secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``

const joined = (texts: readonly string[], by: string): string =>
  texts.join(by).replaceAll('|', '\\|')
