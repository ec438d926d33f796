/** The cookies of a request as they were sent, in that order. */
export const readCookies = (
  request: Request,
): readonly (readonly [name: string, value: string])[] =>
  (request.headers.get('cookie') ?? '').split(';').map((pair) => {
    const [name = '', ...value] = pair.trim().split('=')
    return [name, value.join('=')] as const
  })

/** The value of a cookie as it was sent; null without one of that name. */
export const readCookie = (request: Request, name: string): string | null =>
  readCookies(request).find(([each]) => each === name)?.[1] ?? null
