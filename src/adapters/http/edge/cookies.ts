/** The value of a cookie as it was sent; null without one of that name. */
export const readCookie = (request: Request, name: string): string | null => {
  const pairs =
    request.headers
      .get('cookie')
      ?.split(';')
      .map((pair) => pair.trim()) ?? []
  return pairs.find((pair) => pair.startsWith(`${name}=`))?.slice(name.length + 1) ?? null
}
