/** What one check of the doctor found. */
export type Finding = { readonly isWell: boolean; readonly detail: string }

export const well = (detail: string): Finding => ({ isWell: true, detail })
export const ill = (detail: string): Finding => ({ isWell: false, detail })
