/** A message as NATS or HTTP carries it. Header names keep the case in which they were sent. */
export type WireMessage = {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

/** A header by its name, in any case, because HTTP sends names in lower case. */
export const headerOf = ({ headers }: WireMessage, name: string): string | undefined => {
  const exact = headers[name]
  if (exact !== undefined) return exact
  const wanted = name.toLowerCase()
  return Object.entries(headers).find(([present]) => present.toLowerCase() === wanted)?.[1]
}

/** A header by its name, in any case. The values of one that is there more than once are joined, as in HTTP (RFC 9110 §5.3). */
export const joinedHeader = ({ headers }: WireMessage, name: string): string | undefined => {
  const values = Object.keys(headers)
    .filter((present) => present.toLowerCase() === name)
    .map((present) => headers[present])
  return values.length === 0 ? undefined : values.join(', ')
}
