/** The `err_code` of a JetStream answer; its text is for people. Null for any other fault. */
export const apiErrorCode = (fault: unknown): unknown =>
  fault instanceof Error && 'api_error' in fault
    ? (fault.api_error as { readonly err_code?: unknown } | undefined)?.err_code
    : null
