import type { Setting } from './setting.ts'
import { ALL_SETTINGS } from './settings.ts'

/** Every variable as a Markdown table: what the README shows. */
export const settingsTable = (): string =>
  ['| variable | default | meaning |', '|---|---|---|', ...ALL_SETTINGS.map(row)].join('\n')

const row = ({ name, secret, shownDefault, meaning }: Setting<unknown>): string => {
  const names = secret ? `\`${name}\` or \`${name}_FILE\`` : `\`${name}\``
  return `| ${names} | ${cell(shownDefault)} | ${cell(meaning)} |`
}

const cell = (text: string): string => text.replaceAll('|', '\\|')
