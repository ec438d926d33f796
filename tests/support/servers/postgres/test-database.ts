/** Tests create, change and drop what they like, so they stay away from a database that is not for tests. */
export const testDatabaseOf = (url: string): string => {
  const name = decodeURIComponent(new URL(url).pathname.slice(1))
  if (/test/i.test(name)) return name
  throw new Error(`the database '${name}' of TEST_POSTGRES_URL has no 'test' in its name`)
}
