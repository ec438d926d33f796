import { contentTag, isKnown } from './entity-tags.ts'

export const FIVE_MINUTES = 'public, max-age=300'
export const ONE_HOUR = 'public, max-age=3600'

/** A document that anybody may keep for a while; 304 for those who have this very one. */
export const cacheable = (
  request: Request,
  content: string,
  contentType: string,
  cacheControl: string,
): Response => {
  const tag = contentTag(content)
  const headers = { etag: tag, 'cache-control': cacheControl }
  return isKnown(request, tag)
    ? new Response(null, { status: 304, headers })
    : new Response(content, { headers: { 'content-type': contentType, ...headers } })
}
