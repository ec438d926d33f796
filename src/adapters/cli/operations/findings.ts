/** What one check of the doctor found. */
export type Finding = {
  readonly isWell: boolean
  /** True for something that works, and that the operator should look at. */
  readonly isWarning?: boolean
  readonly detail: string
}

export const well = (detail: string): Finding => ({ isWell: true, detail })
export const warned = (detail: string): Finding => ({ isWell: true, isWarning: true, detail })
export const ill = (detail: string): Finding => ({ isWell: false, detail })

/** Well when all are; then with every detail, else with the details of what is ill. */
export const allOf = (findings: readonly Finding[]): Finding => {
  const bad = findings.filter(({ isWell }) => !isWell)
  const shown = bad.length === 0 ? findings : bad
  return { isWell: bad.length === 0, detail: shown.map(({ detail }) => detail).join('; ') }
}
